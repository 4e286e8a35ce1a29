"""The real application, synthesized once, and CDK's engine, started once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from ops.review.engine import Engine
from ops.templates.assembly import Assembly, read_assembly
from tests.conftest import ROOT
from tests.support.review.application import Application


@pytest.fixture(scope="session")
def dev(assembly: Callable[[str], Path]) -> Assembly:
    return read_assembly(assembly("dev"))


@pytest.fixture
def application(dev: Assembly) -> Application:
    return Application(dev)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(ROOT) as started:
        yield started


@pytest.fixture(scope="package", autouse=True)
def _one_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each review would start an engine of its own, for 0.6 seconds of processor time."""

    def engine_of(root: Path) -> AbstractContextManager[Engine]:
        return nullcontext(request.getfixturevalue("engine")) if root == ROOT else Engine(root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.review.review.Engine", engine_of)
        yield
