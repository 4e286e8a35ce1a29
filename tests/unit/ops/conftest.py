import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.stacks.checkout import Checkout
from tests.support.fakes import FakeAccount
from tests.support.github import FakeGitHub, serve


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove GitHub's token, so that no test calls GitHub with the machine's login."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def with_terminal() -> Iterator[None]:
    """Receive SIGHUP of a closed terminal, also where `nohup` started the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Checkout]:
    """A checkout whose CDK is a shell script."""

    def make(script: str) -> Checkout:
        made = Checkout(root=tmp_path)
        (tmp_path / "cdk.json").write_text("{}")
        made.cdk.parent.mkdir(parents=True, exist_ok=True)
        made.cdk.write_text(f"#!/bin/sh\n{script}\n")
        made.cdk.chmod(0o755)
        return made

    return make


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with serve() as fake:
        yield fake
