"""The real application, synthesized once, and the process of CDK's diff, started once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from ops.review.cdk_diff import CdkDiff
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
def cdk_diff() -> Iterator[CdkDiff]:
    with CdkDiff(ROOT) as started:
        yield started


@pytest.fixture(scope="package", autouse=True)
def _one_cdk_diff(request: pytest.FixtureRequest) -> Iterator[None]:
    """Share one process of CDK's diff: otherwise each review would start one, for 0.6 seconds of processor time."""

    def cdk_diff_of(root: Path) -> AbstractContextManager[CdkDiff]:
        return nullcontext(request.getfixturevalue("cdk_diff")) if root == ROOT else CdkDiff(root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.review.review.CdkDiff", cdk_diff_of)
        yield
