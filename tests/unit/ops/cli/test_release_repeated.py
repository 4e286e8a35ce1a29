"""`hannibal release` while a release runs: it offers to watch that one."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from typer.testing import CliRunner

from ops.cli.app import build
from ops.cli.commands import release as command
from ops.cli.console.screen import Console
from ops.cli.session import Session
from ops.errors import CancelledError, ExitCode, RefusedError, UnreachableError
from ops.service.deployments import RunningDeployment
from tests.support.aws import aws_of

RUNNING = RunningDeployment(deployment_id="d-1", status="InProgress", created=None, creator="user")
REFUSED = "a release is running already"


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A terminal, and an account in which a release runs."""
    found: list[str] = []

    @contextmanager
    def connected(_: Any) -> Iterator[Any]:
        yield SimpleNamespace(codedeploy=None)

    def refused(*_: Any, **__: Any) -> None:
        raise RefusedError(REFUSED)

    monkeypatch.setattr("ops.cli.session.connected", connected)
    monkeypatch.setattr(command, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(command, "_pick_up", lambda *_, **__: found.append("watched"))
    monkeypatch.setattr("ops.release.rollback.running_deployments", lambda *_: (RUNNING,))
    monkeypatch.setattr("ops.release.plan.plan_release", refused)
    return found


def release(*options: str, answer: str = "") -> Any:
    return CliRunner().invoke(build(), ["release", "--image", "example/api:2", *options], input=answer)


@pytest.mark.parametrize("answer", ["y\n", "\n"])
def test_a_release_repeated_while_one_runs_offers_to_watch(watched: list[str], answer: str) -> None:
    result = release(answer=answer)
    assert "A release is running already: d-1 is InProgress. Watch it?" in result.output
    assert (result.exit_code, watched) == (ExitCode.DONE, ["watched"])


@pytest.mark.parametrize("answer", ["n\n", ""])  # the latter as Ctrl-C and Ctrl-D
def test_declining_to_watch_refuses_the_release(watched: list[str], answer: str) -> None:
    result = release(answer=answer)
    assert result.exit_code == ExitCode.REFUSED
    assert watched == []


@pytest.mark.parametrize("option", ["--yes", "--json", "--dry-run"])
def test_a_script_is_refused_and_not_asked(watched: list[str], option: str) -> None:
    result = release(option)
    assert "Watch it?" not in result.output
    assert result.exit_code == ExitCode.REFUSED
    assert watched == []


def test_without_a_terminal_nobody_is_asked(watched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: False)))
    assert "Watch it?" not in release().output
    assert watched == []


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), EndpointConnectionError(endpoint_url="https://aws")])
def test_an_interrupt_while_the_release_begins_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, ends: BaseException
) -> None:
    """CodeDeploy may have it: the same command does not go on from there."""

    def begin(*_: Any, **__: Any) -> str:
        raise ends

    monkeypatch.setattr("ops.release.plan.begin_release", begin)
    monkeypatch.setattr("ops.release.watch.complete_record", lambda _: False)
    monkeypatch.setattr(command, "show_plan", lambda *_: None)
    aws = aws_of()
    plan = cast(
        "Any", SimpleNamespace(refusals=(), already_running=False, snapshot=False, back=False, environment="dev")
    )
    session = Session(aws=aws, console=Console(), json=False, dry_run=False, yes=True)
    with pytest.raises((CancelledError, UnreachableError)) as error:
        command.carry_out(session, plan, again=False, detach=False)
    assert "the same command says so" in error.value.advice[-1]
