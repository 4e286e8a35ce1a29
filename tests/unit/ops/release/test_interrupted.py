"""Ctrl-C while a release is watched, a stop that comes too late, and what a rollback does not take back."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer

from installation.settings import Settings
from ops.cli.commands import rollback
from ops.cli.console import release_watch as watching
from ops.cli.console.screen import Console
from ops.cli.session import Session
from ops.errors import CancelledError, FailedError, RolledBackError
from ops.release.watch import Outcome, ReleaseResult
from ops.service.deployments import RunningDeployment
from tests.support.aws import aws_of
from tests.support.fakes import FakeAccount


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def stop(_: Any, identifier: str) -> bool:
        found.append(identifier)
        return True

    monkeypatch.setattr(watching, "stop_deployment", stop)
    return found


def watch(monkeypatch: pytest.MonkeyPatch, answer: str | None, *, terminal: bool = True, json: bool = False) -> Any:
    """A person who presses Ctrl-C once and answers, or presses it again."""
    presses = iter([KeyboardInterrupt()])

    def watched(*_: Any, **__: Any) -> str:
        for press in presses:
            raise press
        return "the end"

    def prompt(*_: Any, **__: Any) -> str:
        if answer is None:
            raise typer.Abort
        return answer

    monkeypatch.setattr(watching, "watch", watched)
    monkeypatch.setattr("ops.cli.console.release_watch.typer.prompt", prompt)
    monkeypatch.setattr("ops.cli.console.release_watch.sys.stdin", SimpleNamespace(isatty=lambda: terminal))
    aws = cast("Any", SimpleNamespace(codedeploy=None, endpoint=None))
    session = Session(aws=aws, console=Console(), json=json, dry_run=False, yes=False)
    return watching.watch_release(session, "d-1")


def test_watching_goes_on_where_nothing_else_is_chosen(monkeypatch: pytest.MonkeyPatch, stopped: list[str]) -> None:
    assert watch(monkeypatch, "w") == "the end"
    assert stopped == []


def test_stopping_is_watched_to_its_end(monkeypatch: pytest.MonkeyPatch, stopped: list[str]) -> None:
    assert watch(monkeypatch, "stop") == "the end"
    assert stopped == ["d-1"]


def test_what_has_ended_before_the_answer_is_watched_to_its_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else nobody would write its record."""
    monkeypatch.setattr(watching, "stop_deployment", lambda *_: False)
    assert watch(monkeypatch, "s") == "the end"
    assert "d-1 has ended already" in capsys.readouterr().out


def test_a_rollback_whose_stop_comes_too_late_watches_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stop may be its own, whose answer was lost; a further rollback would go back further."""
    monkeypatch.setattr("ops.release.deployment.stop_deployment", lambda *_: False)
    monkeypatch.setattr(watching, "watch_release", lambda _, identifier: identifier)
    concluded: list[str] = []
    monkeypatch.setattr(watching, "conclude", lambda _, result, **__: concluded.append(result))
    monkeypatch.setattr(Session, "checked_caller", lambda _: None)
    running = RunningDeployment(deployment_id="d-1", status="InProgress", created=None, creator="user")
    session = Session(aws=cast("Any", None), console=Console(), json=False, dry_run=False, yes=True)
    rollback._stop(session, running, detach=False)
    assert concluded == ["d-1"]
    assert "d-1 has ended already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "terminal", "json"), [("l", True, False), (None, True, False), ("s", False, False), ("s", True, True)]
)
def test_left_running_it_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, stopped: list[str], answer: str | None, terminal: bool, json: bool
) -> None:
    with pytest.raises(CancelledError) as left:
        watch(monkeypatch, answer, terminal=terminal, json=json)
    assert stopped == []
    assert any("hannibal release --wait" in advice for advice in left.value.advice)


@pytest.mark.parametrize(
    ("migrated", "migrates", "told"),
    [(True, True, "has run, and"), (False, True, ""), (None, True, "If the new"), (None, False, "")],
)
@pytest.mark.parametrize("expected", [Outcome.SUCCEEDED, Outcome.ROLLED_BACK])
def test_a_rollback_after_a_migration_says_that_its_changes_stay(
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    expected: Outcome,
    *,
    migrated: bool | None,
    migrates: bool,
    told: str,
) -> None:
    """The old version may fail with them, whose alarms have ended the release, so a rollback alone helps nobody.

    A command that did not begin the release cannot know whether it migrated.
    """
    result = ReleaseResult(
        outcome=Outcome.ROLLED_BACK, deployment_id="d-1", image="api:2", mode="bluegreen", duration=timedelta(minutes=1)
    )
    release = settings.release.model_copy(update={"migrate": ("migrate",) if migrates else None})
    aws = aws_of(settings=settings.model_copy(update={"release": release}))
    session = Session(aws=aws, console=Console(), json=False, dry_run=False, yes=True)
    lines: tuple[str, ...] = ()
    try:
        watching.conclude(session, result, expected=expected, migrated=migrated)
    except RolledBackError as ended:
        lines = ended.advice
    said = " ".join((*lines, capsys.readouterr().out))
    assert ("its changes stay" in said and "--ignore-alarms" in said and told in said) == bool(told)


def test_a_rollback_that_nobody_watches_says_that_a_migration_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    monkeypatch.setattr("ops.release.deployment.stop_deployment", lambda *_: True)
    monkeypatch.setattr(Session, "checked_caller", lambda _: None)
    release = settings.release.model_copy(update={"migrate": ("migrate",)})
    aws = aws_of(settings=settings.model_copy(update={"release": release}))
    running = RunningDeployment(deployment_id="d-1", status="InProgress", created=None, creator="user")
    session = Session(aws=aws, console=Console(), json=False, dry_run=False, yes=True)
    rollback._stop(session, running, detach=True)
    assert "If the new image's migration has run, its changes stay" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("stack", "told"), [("", "the month was ended meanwhile"), ("DELETE_FAILED", "ComputeStack is DELETE_FAILED")]
)
def test_of_a_month_that_was_ended_meanwhile_no_rollback_is_advised(
    account: FakeAccount, settings: Settings, stack: str, told: str
) -> None:
    if stack:
        account.add_stack("ComputeStack", stack)
    result = ReleaseResult(
        outcome=Outcome.FAILED, deployment_id="d-1", image="api:2", mode="bluegreen", duration=timedelta(minutes=1)
    )
    session = Session(aws=account.aws(settings), console=Console(), json=False, dry_run=False, yes=True)
    with pytest.raises(FailedError) as ended:
        watching.conclude(session, result)
    (advice,) = ended.value.advice
    assert told in advice
    assert "`hannibal status`" in advice
    assert "rollback" not in advice
