"""Synthesis, once for a whole test session: jsii is slow. Tests that need none do not even load it."""

import gc
import json
import os
import signal
import sysconfig
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock, Timeout
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

from installation.settings import Settings
from installation.settings.file import CONFIG_FOLDER, load_settings

# Two of them are loaded here, because pytest asks for their hooks before it knows the folders' own.
from tests.support import skipped
from tests.support.documents.summary import pytest_terminal_summary  # noqa: F401
from tests.support.embedded.conformance.watching import (  # noqa: F401
    pytest_runtest_call,
    pytest_runtest_teardown,
    pytest_sessionfinish,
)
from tests.support.failures import Failures
from tests.support.given_configuration import use_given_configuration
from tests.support.shared_commands import share_commands
from tests.support.shared_models import share_models

if TYPE_CHECKING:
    import aws_cdk as cdk

# Node is the one that was set up with the tests' Python, also where pytest is called by its path.
# A shell starts what runs in its background with Ctrl-C ignored, and child processes would ignore it as well.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
# Node compiles the CDK and its command once, and not again in each of a hundred processes.
os.environ.setdefault("NODE_COMPILE_CACHE", str(Path(__file__).parents[1] / "node_modules/.cache/node"))
# V8's own threads and its small nursery cost a tenth of a synthesis, where other tests have use for each processor.
_FOR_NODE = (
    f'--require "{Path(__file__).parent / "support/cdk_code_cache.cjs"}" --v8-pool-size=0 --max-semi-space-size=64'
)
if _FOR_NODE not in os.environ.get("NODE_OPTIONS", ""):
    os.environ["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {_FOR_NODE}".strip()

# By default Python looks for unreachable cycles after each 700 new objects, at times among all that the CDK has made.
# That took a tenth of the time of the tests.
gc.set_threshold(200_000, 50, 100)
share_commands()
share_models()
use_given_configuration()

ROOT = Path(__file__).resolve().parent.parent
# Files that take longest, so that none of them is begun last, when other processes have nothing left to do.
_LONGEST_FIRST = (
    "embedded/test_product.py",
    "embedded/test_months.py",
    "documents/test_commands.py",
    "embedded/test_authorization.py",
    "embedded/test_ops_month.py",
    "embedded/test_containers.py",
    "embedded/test_release_configuration.py",
    "embedded/test_releases.py",
    "embedded/test_other_language.py",
    "embedded/test_exercises.py",
    "embedded/test_doctor_stacks.py",
)
# The longest of those that start no embedded AWS.
_LONGEST_OF_THE_OTHERS = (
    "unit/ops/review/test_third_cases.py",
    "laws/test_rules.py",
    "laws/test_pure_synthesis.py",
    "unit/ops/review/test_cases.py",
    "unit/ops/review/test_drawn_cases.py",
)
# What the shell of who runs the tests may say, and would change what the command does or prints.
_OF_THE_SHELL = ("AWS_", "CDK_", "GITHUB_", "HANNIBAL_", "LC_")
_OF_THE_TERMINAL = (
    "CLICOLOR",
    "COLUMNS",
    "FORCE_COLOR",
    "LANGUAGE",
    "LINES",
    "NO_COLOR",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)
_OF_THE_TESTS = "HANNIBAL_TEST_ENGINE"
# All that makes constructs: jsii takes five seconds of processor time to load and to get warm, so that one process runs
# them all.
_OF_THE_CDK = ("tests/unit/constructs_lib/", "tests/unit/stacks/", "tests/laws/test_rules.py")
ENVIRONMENTS = ("dev", "prod")
# What can be synthesized by name: the environments, dev with a hosted zone, by which EdgeStack outlives the month, and
# dev with every option on, in two because not all go together.
GIVEN = (*ENVIRONMENTS, "zone", "everything", "schedule")

Template = dict[str, Any]


def pytest_configure(config: pytest.Config) -> None:
    """Have each failure said at once, and the last line say what was skipped."""
    config.pluginmanager.register(Failures(config))
    config.pluginmanager.register(skipped)


def pytest_sessionstart() -> None:
    """Give all tests one environment: a profile, a region or the width of a terminal is nobody's but the shell's."""
    for name in list(os.environ):
        if name in _OF_THE_TERMINAL or (name.startswith(_OF_THE_SHELL) and name != _OF_THE_TESTS):
            del os.environ[name]
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        del os.environ["TERM"]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"  # nobody waits for an instance's role
    os.environ["LANG"] = "C.UTF-8"  # of another, which the machine may not have, each shell would warn


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole months and end with what is quick: `make test` hands out files in this order.

    What only computes comes before the rest of those that wait at times, for tasks to be healthy or a minute to pass.
    """
    files = [ROOT / "tests" / name for name in (*_LONGEST_FIRST, *_LONGEST_OF_THE_OTHERS)]
    longest = {file: place for place, file in enumerate(files)}

    def rank(item: pytest.Item) -> int:
        return longest.get(item.path, len(files) if item.get_closest_marker("embedded") else len(files) + 1)

    items.sort(key=rank)


class _OneProcessForTheCdk(LoadFileScheduling):  # type: ignore[misc]  # nor has this
    """A file goes to one process, and all files that make constructs go to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return "the CDK" if nodeid.startswith(_OF_THE_CDK) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Used for `--dist loadfile`."""
    return _OneProcessForTheCdk(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Have no later search for cycles go through what stays anyway: modules and the tests themselves."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Look for cycles once; pytest goes on to do so five times, each time through all that the tests' process holds."""
    gc.collect()
    gc.freeze()


def feature_flags() -> dict[str, Any]:
    """The context of cdk.json, which the command line would pass to the application."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def new_app(outdir: Path | None = None, *, validated: bool = False) -> "cdk.App":
    """An application as the command line starts it, by default without rule checks: one test is about those."""
    import aws_cdk as cdk

    return cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=validated,
        context=feature_flags(),
        outdir=str(outdir) if outdir else None,
    )


def own(environment: str) -> str:
    """The variant that is as ``config/`` says: one more where that differs from what the tests are given."""
    same = load_settings(environment, CONFIG_FOLDER) == load_settings(environment)
    return environment if same else f"own-{environment}"


def settings_of(variant: str) -> Settings:
    """The settings of a variant."""
    if variant in ENVIRONMENTS:
        return load_settings(variant)
    if variant.startswith("own-"):
        return load_settings(variant.removeprefix("own-"), CONFIG_FOLDER)
    from ops.iam.variants import variants
    from tests.support.given_configuration import FOLDER
    from tests.support.zone import with_zone

    return with_zone(load_settings("dev")) if variant == "zone" else variants(FOLDER)[variant]


VARIANTS = tuple(dict.fromkeys((*GIVEN, *map(own, ENVIRONMENTS))))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings("dev")


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder with the synthesized application of a variant, one for all processes of the session."""
    base = tmp_path_factory.getbasetemp()
    several = "PYTEST_XDIST_WORKER" in os.environ
    shared = base.parent if several else base

    def build_once(environment: str, *, wait_seconds: float = -1) -> Path:
        folder = shared / f"assembly-{environment}"
        with FileLock(f"{folder}.lock", timeout=wait_seconds):
            if not (folder / "manifest.json").exists():
                from app import build

                app = new_app(folder)
                build(app, settings_of(environment))
                app.synth()
        return folder

    @cache
    def synthesize(environment: str) -> Path:
        folder = build_once(environment)
        for other in VARIANTS if several else ():  # now that jsii is loaded here, no other process has to load it
            with suppress(Timeout):
                build_once(other, wait_seconds=0)
        return folder

    return synthesize


@pytest.fixture(scope="session")
def templates(assembly: Callable[[str], Path]) -> Callable[[str], dict[str, Template]]:
    """All templates of an environment, by stack."""

    @cache
    def read(environment: str) -> dict[str, Template]:
        files = assembly(environment).glob("*.template.json")
        return {file.name.removesuffix(".template.json"): json.loads(file.read_text()) for file in sorted(files)}

    return read
