"""``hannibal local``: from starting in the background to purging, and what it says when something is in the way."""

import json
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import FailedError, RefusedError
from ops.local import server
from ops.local.contents import count_contents
from ops.local.credentials import Credentials, read_credentials
from ops.local.server_options import ServerOptions
from tests.support.embedded.server import free_port

pytestmark = pytest.mark.embedded
REGION = "ap-northeast-1"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    server.down(folder=tmp_path / "state")


def test_from_up_to_purge(folder: Path) -> None:
    waited: list[float] = []
    first = server.up(folder, ServerOptions(port=free_port(), region=REGION), waited.append)
    again = server.up(folder, ServerOptions(region=REGION))

    assert (first.was_running, again.was_running) == (False, True)
    assert first.status.pid == again.status.pid
    assert waited == sorted(waited)
    assert waited, "nobody could have seen that it is starting"
    assert first.status.endpoint is not None
    assert count_contents(first.status.endpoint, REGION, Credentials())["stacks"] == 0

    with pytest.raises(RefusedError, match="is running already, on port"):
        server.up(folder, ServerOptions(port=free_port(), region=REGION))
    with pytest.raises(RefusedError, match="is running"):
        server.purge(folder=folder)

    follower = server.logs(folder, lines=1000, follow=True)
    assert next(follower)
    ended = server.down(folder=folder)
    assert ended is not None
    assert any("shutting down" in line for line in follower), "the follower ends with the server"

    assert server.down(folder=folder) is None
    assert not server.status(folder).running
    (folder / "logs").mkdir()
    server.purge(folder=folder)
    server.purge(folder=folder)
    assert [entry.name for entry in folder.iterdir()] == ["logs"]


def test_keys_are_made_where_policies_are_enforced_and_stay(folder: Path) -> None:
    def stacks(credentials: Credentials) -> int | None:
        endpoint = server.status(folder).endpoint
        assert endpoint is not None
        return count_contents(endpoint, REGION, credentials)["stacks"]

    server.up(folder, ServerOptions(port=free_port(), region=REGION, authorization=True))
    made = read_credentials(folder)
    assert made != Credentials()
    assert (folder / "root-credentials.json").stat().st_mode & 0o777 == 0o600
    assert (stacks(made), stacks(Credentials())) == (0, None)
    server.down(folder=folder)

    server.up(folder, ServerOptions(port=free_port(), region=REGION))
    assert read_credentials(folder) == made
    assert (stacks(made), stacks(Credentials())) == (0, 0)


def test_a_taken_port_is_said_at_once_with_a_way_out(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(RefusedError, match=f"port {port} of 127.0.0.1 cannot be used") as error:
            server.up(folder, ServerOptions(port=port, region=REGION))

    assert any(f"--port {port + 10}" in step for step in error.value.advice)
    assert not folder.exists()


def test_a_server_that_dies_is_reported_with_the_end_of_its_log(folder: Path) -> None:
    (folder / "services").mkdir(parents=True)
    (folder / "services" / "ssm.json").write_text("{")
    (folder / "server.lock").touch()

    with pytest.raises(FailedError, match="ended while it started, with exit code 2") as error:
        server.up(folder, ServerOptions(port=free_port(), region=REGION))

    assert any("cannot use the saved state" in line for line in error.value.advice)
    assert not server.status(folder).running


def test_a_folder_of_another_user_is_not_purged(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")

    with pytest.raises(RefusedError, match="no folder of the embedded AWS"):
        server.purge(folder=tmp_path)

    assert (tmp_path / "thesis.txt").exists()


def test_logs_of_a_server_that_never_ran(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="there is no log"):
        list(server.logs(tmp_path, lines=1))


def _no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing on the path: Python starts by its own address."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


def test_an_engine_that_is_named_must_be_there(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _no_engine(monkeypatch, tmp_path)

    with pytest.raises(RefusedError, match="docker is not installed") as error:
        server.up(folder, ServerOptions(port=free_port(), region=REGION, containers="docker"))

    assert any(f"hannibal local up --state {shlex.quote(str(folder))};" in step for step in error.value.advice)
    assert not folder.exists(), "nothing was begun"


def test_without_any_engine_it_starts_and_says_what_stands_for_containers(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _no_engine(monkeypatch, tmp_path)
    environment = {"HANNIBAL_STATE": str(folder), "HANNIBAL_PORT": str(free_port())}

    result = CliRunner().invoke(build(), ["local", "up", "--containers"], env=environment)

    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "sample services replace them, because there is no engine: podman is not installed" in words
    status = CliRunner().invoke(build(), ["local", "status", "--json"], env=environment)
    assert json.loads(status.stdout)["engine"] is None
    again = CliRunner().invoke(build(), ["local", "up", "--engine", "podman"], env=environment)
    named = shlex.quote(str(folder))
    assert f"To change that: hannibal local down --state {named}, then up again" in " ".join(again.stdout.split())
