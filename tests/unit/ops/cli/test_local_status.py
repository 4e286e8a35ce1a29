"""`hannibal local`: what it says of a server that runs."""

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import ExitCode, RefusedError
from ops.local import server
from ops.local.containers import RunningContainers
from ops.local.server import ServerStatus, Started
from ops.stacks.addresses import Distribution

_DISTRIBUTION = Distribution(id="E1", url="http://127.0.0.1:4567", domain_name="d1.cloudfront.net")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    status = ServerStatus(
        running=True, folder=tmp_path, state_bytes=1, log_file=tmp_path / "log", pid=1, port=4566, uptime_seconds=1.0
    )
    monkeypatch.setattr("ops.local.server.status", lambda _: status)
    monkeypatch.setattr("ops.local.contents.count_contents", lambda *_: {})
    monkeypatch.setattr("ops.local.credentials.read_credentials", lambda _: None)
    answer = RunningContainers(engine=None, processor=None, reason="", containers=())
    monkeypatch.setattr("ops.local.containers.ask_engine", lambda _: answer)
    monkeypatch.setattr("ops.stacks.addresses.read_distributions", lambda _: (_DISTRIBUTION,))


@pytest.mark.usefixtures("running")
def test_distributions_are_shown_with_what_a_browser_opens() -> None:
    shown = CliRunner().invoke(build(), ["local", "status"])
    assert shown.exit_code == 0, shown.output
    assert "http://127.0.0.1:4567, for d1.cloudfront.net" in shown.stdout
    printed = json.loads(CliRunner().invoke(build(), ["local", "status", "--json"]).stdout)
    assert printed["distributions"] == [
        {"id": "E1", "url": "http://127.0.0.1:4567", "domain_name": "d1.cloudfront.net"}
    ]


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(("command", "code"), [("status", ExitCode.UNHEALTHY), ("up", ExitCode.DONE)])
def test_a_server_that_cannot_answer_is_described_all_the_same(
    monkeypatch: pytest.MonkeyPatch, command: str, code: ExitCode
) -> None:
    """Such as on a full disk, where it saves nothing, and so answers nobody. Each question may take a minute."""

    def ask(endpoint: str) -> None:
        raise RefusedError(f"{endpoint} does not say which containers it runs: HTTP Error 500", "See: local status")

    monkeypatch.setattr("ops.local.containers.ask_engine", ask)
    for more in ("ops.local.contents.count_contents", "ops.stacks.addresses.read_distributions"):
        monkeypatch.setattr(more, lambda *_: pytest.fail("it is asked again"))
    monkeypatch.setattr(server, "up", lambda *_: Started(status=server.status(Path()), was_running=True))
    shown = CliRunner().invoke(build(), ["local", command, "--state", "other"])
    assert shown.exit_code == code, shown.output
    assert "http://127.0.0.1:4566" in shown.stdout
    assert "which containers it runs: HTTP Error 500. See why:" in shown.stderr
    assert f"local logs --state {shlex.quote(str(Path('other').resolve()))}" in shown.stderr


@pytest.mark.usefixtures("running")
def test_a_stopped_server_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes connections in its place, and nobody answers them."""
    status = replace(server.status(Path()), stopped=True)
    monkeypatch.setattr(server, "status", lambda _: status)
    monkeypatch.setattr("ops.local.containers.ask_engine", lambda _: pytest.fail("it is asked"))
    shown = CliRunner().invoke(build(), ["local", "status"])
    assert (shown.exit_code, "stopped; continue it with: kill -CONT 1" in shown.stdout) == (ExitCode.UNHEALTHY, True)
    assert json.loads(CliRunner().invoke(build(), ["local", "status", "--json"]).stdout)["stopped"]


@pytest.mark.usefixtures("running")
def test_the_status_shows_the_options_of_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who forgot `--typical-durations` wonders why nothing gets ready."""
    assert "options" not in CliRunner().invoke(build(), ["local", "status"]).stdout
    status = replace(server.status(Path()), options=("--clock-factor 60", "--typical-durations"))
    monkeypatch.setattr(server, "status", lambda _: status)
    shown = CliRunner().invoke(build(), ["local", "status"]).stdout
    assert re.search("^options +--clock-factor 60 --typical-durations", shown, re.MULTILINE)
    printed = json.loads(CliRunner().invoke(build(), ["local", "status", "--json"]).stdout)
    assert printed["options"] == ["--clock-factor 60", "--typical-durations"]


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("was_running", [True, False])
def test_options_of_a_server_that_runs_already_do_not_change(
    monkeypatch: pytest.MonkeyPatch, was_running: bool
) -> None:
    status = replace(server.status(Path()), options=("--clock-factor 60",))
    monkeypatch.setattr(server, "up", lambda *_: Started(status=status, was_running=was_running))
    said = CliRunner().invoke(build(), ["local", "up", "--typical-durations"])
    assert said.exit_code == 0, said.output
    kept = "It keeps its options: --clock-factor 60. To change them: hannibal local down, then up again"
    assert (kept in said.stdout) == was_running
    assert "To change them" not in CliRunner().invoke(build(), ["local", "up"]).stdout


@pytest.mark.usefixtures("running")
def test_the_next_commands_name_a_folder_that_is_not_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it they would speak to another server, or to none."""
    monkeypatch.setattr(server, "up", lambda *_: Started(status=server.status(Path()), was_running=True))
    result = CliRunner().invoke(build(), ["local", "up", "--state", "my state", "--auth", "--containers"])
    folder = Path("my state").resolve()
    assert f"hannibal local down --state '{folder}', then up again" in result.stdout, result.output
    assert f"no engine: . To change that: hannibal local down --state '{folder}', then up again" in result.stdout
    assert f"local env --state '{folder}')\"" in result.stdout, result.output
    assert 'local env)"' in CliRunner().invoke(build(), ["local", "up"]).stdout
    stopped = replace(server.status(Path()), running=False, port=None)
    monkeypatch.setattr("ops.local.server.status", lambda _: stopped)
    result = CliRunner().invoke(build(), ["local", "env", "--state", "my state"])
    assert f"local up --state '{folder}'" in result.stderr, result.output


@pytest.mark.usefixtures("running")
def test_the_next_command_is_of_the_same_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its region may be another one."""
    monkeypatch.setattr(server, "up", lambda *_: Started(status=server.status(Path()), was_running=True))
    said = CliRunner().invoke(build(), ["local", "up", "--env", "prod"])
    assert 'local env --env prod)"' in said.stdout, said.output


@pytest.mark.parametrize("command", ["up", "down", "status", "env", "logs"])
def test_a_file_in_the_place_of_the_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    (tmp_path / ".hannibal").touch()
    monkeypatch.setattr("ops.local.server_options.USUAL_FOLDER", tmp_path / ".hannibal")
    refused = CliRunner().invoke(build(), ["local", command])
    assert refused.exit_code == ExitCode.UNUSABLE_INPUT
    assert f"{tmp_path}/.hannibal is a file, not a folder" in refused.stderr


def test_a_folder_whose_server_does_not_run_is_named_in_the_command_that_starts_it(tmp_path: Path) -> None:
    shown = CliRunner().invoke(build(), ["local", "status", "--state", str(tmp_path)], env={"COLUMNS": "200"})
    assert shown.exit_code == ExitCode.UNHEALTHY
    assert f"local up --state {shlex.quote(str(tmp_path))}" in shown.stdout
