"""Synthesis, once for a whole test session: jsii is slow. Tests that need none do not even load it."""

import gc
import json
import os
import signal
import sysconfig
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from installation.settings import Settings
from installation.settings_file import load_settings

# Loaded here, because pytest asks for it before it knows the folder's own.
from tests.support.documents.summary import pytest_terminal_summary  # noqa: F401
from tests.support.embedded.conformance.watching import (  # noqa: F401
    pytest_runtest_call,
    pytest_runtest_teardown,
    pytest_sessionfinish,
)
from tests.support.shared_models import share_models

if TYPE_CHECKING:
    import aws_cdk as cdk

# Node is the one that was set up with the tests' Python, also where pytest is called by its path.
# A shell starts what runs in its background with Ctrl-C ignored, and child processes would ignore it as well.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
# Node compiles the CDK and its command once, and not again in each of a hundred processes.
os.environ.setdefault("NODE_COMPILE_CACHE", str(Path(__file__).parents[1] / "node_modules/.cache/node"))

# By default Python looks for unreachable cycles after each 700 new objects, at times among all that the CDK has made.
# That took a tenth of the time of the tests.
gc.set_threshold(200_000, 50, 100)
share_models()

ROOT = Path(__file__).resolve().parent.parent
# Files that take longest, so that none of them is begun last, when other processes have nothing left to do.
_LONGEST_FIRST = (
    "embedded/test_product.py",
    "documents/test_commands.py",
    "embedded/test_months.py",
    "embedded/test_ops_month.py",
    "embedded/test_releases.py",
    "embedded/test_containers.py",
)
ENVIRONMENTS = ("dev", "prod")
# What can be synthesized by name: the environments, and dev with a hosted zone, by which EdgeStack outlives the month.
VARIANTS = (*ENVIRONMENTS, "zone")

Template = dict[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole months and end with what is quick: `make test` hands out files in this order."""
    longest = {ROOT / "tests" / name: rank for rank, name in enumerate(_LONGEST_FIRST)}

    def rank(item: pytest.Item) -> int:
        others = len(longest) if item.get_closest_marker("embedded") else len(longest) + 1
        return longest.get(item.path, others)

    items.sort(key=rank)


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


def settings_of(environment: str) -> Settings:
    """The settings of a variant."""
    if environment != "zone":
        return load_settings(environment)
    from tests.support.zone import with_zone

    return with_zone(load_settings("dev"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings("dev")


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder with the synthesized application of a variant, one for all processes of the session."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @cache
    def synthesize(environment: str) -> Path:
        folder = shared / f"assembly-{environment}"
        with FileLock(f"{folder}.lock"):
            if not (folder / "manifest.json").exists():
                from app import build

                app = new_app(folder)
                build(app, settings_of(environment))
                app.synth()
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
