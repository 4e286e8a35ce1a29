"""One embedded AWS for all tests that can share it, and new ones for other tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from installation.settings import Settings
from ops.aws.clients import Aws
from tests.support.embedded.changing_stacks import Stacks
from tests.support.embedded.server import EmbeddedAws

if TYPE_CHECKING:
    from tests.support.embedded.running_month import Hannibal, RunningMonth


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """The server that tests share: names of resources must not collide between tests."""
    server = EmbeddedAws(tmp_path_factory.mktemp("embedded_aws"))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def session(embedded_aws: EmbeddedAws) -> boto3.Session:
    return embedded_aws.session()


@pytest.fixture
def aws(embedded_aws: EmbeddedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The command's clients for the shared server."""
    for name, value in embedded_aws.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return Aws(settings)


@pytest.fixture
def stacks(session: boto3.Session) -> Iterator[Stacks]:
    made = Stacks(session)
    yield made
    made.clean()


@pytest.fixture
def new_embedded_aws(tmp_path: Path) -> Iterator[Callable[..., EmbeddedAws]]:
    """Creates servers without starting them, for tests of starts, ends and options; all end with the test."""
    servers: list[EmbeddedAws] = []

    def make(*options: str) -> EmbeddedAws:
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(EmbeddedAws(folder, options=options))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def fresh_embedded_aws(new_embedded_aws: Callable[..., EmbeddedAws]) -> EmbeddedAws:
    """A running server for one test."""
    server = new_embedded_aws()
    server.start()
    return server


@pytest.fixture
def hannibal(month: "RunningMonth", monkeypatch: pytest.MonkeyPatch) -> "Hannibal":
    """The command with the month of the test's file."""
    from tests.support.embedded.running_month import Hannibal

    return Hannibal(month, monkeypatch)
