"""Synthesis, once for a whole test session, because jsii is slow. Tests that need no synthesis do not load it."""

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

# Three plugins are loaded here, because pytest needs their hooks before it loads the folders' conftest files.
from tests.support import skipped
from tests.support.documents.summary import pytest_terminal_summary  # noqa: F401
from tests.support.embedded.conformance.watching import (  # noqa: F401
    pytest_runtest_call,
    pytest_runtest_teardown,
    pytest_sessionfinish,
)
from tests.support.embedded.reasons import pytest_runtest_makereport  # noqa: F401
from tests.support.failures import Failures
from tests.support.given_configuration import use_given_configuration
from tests.support.shared_commands import share_commands
from tests.support.shared_models import share_models

if TYPE_CHECKING:
    import aws_cdk as cdk

# Tests use the Node installed with the tests' Python, also where pytest is called by its path.
# A shell starts background processes with SIGINT ignored, and child processes would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
# Node compiles the CDK and its command once, instead of in each of a hundred processes.
os.environ.setdefault("NODE_COMPILE_CACHE", str(Path(__file__).parents[1] / "node_modules/.cache/node"))
# V8's own threads and its small nursery take a tenth of a synthesis, while other tests need each processor.
_FOR_NODE = (
    f'--require "{Path(__file__).parent / "support/cdk_code_cache.cjs"}" --v8-pool-size=0 --max-semi-space-size=64'
)
if _FOR_NODE not in os.environ.get("NODE_OPTIONS", ""):
    os.environ["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {_FOR_NODE}".strip()

# By default, Python searches unreachable cycles after each 700 new objects, sometimes among all objects of the CDK.
# That took a tenth of the time of the tests.
gc.set_threshold(200_000, 50, 100)
share_commands()
share_models()
use_given_configuration()

ROOT = Path(__file__).resolve().parent.parent
# The slowest files, so that none of them starts last, when other processes have nothing left to do.
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
# The slowest files that start no embedded AWS.
_LONGEST_OF_THE_OTHERS = (
    "unit/ops/review/test_third_cases.py",
    "laws/test_rules.py",
    "laws/test_pure_synthesis.py",
    "unit/ops/review/test_cases.py",
    "unit/ops/review/test_drawn_cases.py",
)
# Variables of the user's shell that would change the behaviour or output of the command.
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
# Git gives them to a hook, and a commit of a test would go into the contributor's own repository.
_OF_A_HOOK = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")
_OF_THE_TESTS = "HANNIBAL_TEST_ENGINE"
# Files that create constructs: jsii needs five seconds of processor time to load and to get warm, so one process runs
# them all.
_OF_THE_CDK = ("tests/unit/constructs_lib/", "tests/unit/stacks/", "tests/laws/test_rules.py")
ENVIRONMENTS = ("dev", "prod")
# Variants that can be synthesized by name: the environments, dev with a hosted zone, so that EdgeStack outlives the
# month, and dev with every option, in two variants because some options exclude others.
GIVEN = (*ENVIRONMENTS, "zone", "everything", "schedule")

Template = dict[str, Any]


def pytest_configure(config: pytest.Config) -> None:
    """Report each failure at once, and the skipped tests in the last line."""
    config.pluginmanager.register(Failures(config))
    config.pluginmanager.register(skipped)


def pytest_sessionstart() -> None:
    """Give all tests the same environment, without the shell's AWS profile, region or terminal width."""
    for name in list(os.environ):
        if name in (*_OF_THE_TERMINAL, *_OF_A_HOOK) or (name.startswith(_OF_THE_SHELL) and name != _OF_THE_TESTS):
            del os.environ[name]
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        del os.environ["TERM"]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"  # no test waits for an instance's role
    os.environ["LANG"] = "C.UTF-8"  # shells would warn of a locale that the machine lacks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with whole months and end with quick tests: `make test` distributes files in this order.

    The slowest files without an embedded AWS only compute, and come before the other files with one, which often wait.
    """
    files = [ROOT / "tests" / name for name in (*_LONGEST_FIRST, *_LONGEST_OF_THE_OTHERS)]
    longest = {file: place for place, file in enumerate(files)}

    def rank(item: pytest.Item) -> int:
        return longest.get(item.path, len(files) if item.get_closest_marker("embedded") else len(files) + 1)

    items.sort(key=rank)


class _OneProcessForTheCdk(LoadFileScheduling):  # type: ignore[misc]  # this has no types either
    """Runs each file in one process, and all files that create constructs in the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return "the CDK" if nodeid.startswith(_OF_THE_CDK) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Use this scheduler for `--dist loadfile`."""
    return _OneProcessForTheCdk(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Exclude objects that stay, such as modules and tests, from later searches for cycles."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Exclude all objects from the searches for cycles at the end of Python."""
    gc.freeze()


def feature_flags() -> dict[str, Any]:
    """The context of cdk.json, which the CDK's command line would pass to the application."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def new_app(outdir: Path | None = None, *, validated: bool = False) -> "cdk.App":
    """An application like by the command line, by default without rule checks, which have their own test."""
    import aws_cdk as cdk

    return cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=validated,
        context=feature_flags(),
        outdir=str(outdir) if outdir else None,
    )


def own(environment: str) -> str:
    """The variant with the settings in ``config/``: a separate one where they differ from those of the tests."""
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
    """Returns the folder with a variant's synthesized application, one for all processes of the session."""
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
        for other in VARIANTS if several else ():  # jsii is loaded here now, so no other process needs to load it
            with suppress(Timeout):
                build_once(other, wait_seconds=0)
        return folder

    return synthesize


@pytest.fixture(scope="session")
def templates(assembly: Callable[[str], Path]) -> Callable[[str], dict[str, Template]]:
    """Returns all templates of an environment, by stack."""

    @cache
    def read(environment: str) -> dict[str, Template]:
        files = assembly(environment).glob("*.template.json")
        return {file.name.removesuffix(".template.json"): json.loads(file.read_text()) for file in sorted(files)}

    return read
