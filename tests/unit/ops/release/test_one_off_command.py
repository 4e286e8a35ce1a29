"""A one-off task goes on when AWS does not answer this command any more: it says so, and how to stop it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.cli.commands import runs as command
from ops.cli.console.screen import Console
from ops.cli.session import Session
from ops.errors import CancelledError, UnreachableError
from ops.release import one_off_command
from ops.release.one_off_command import Started, begin_run, start_recorded
from ops.service import one_off_tasks
from ops.service.one_off_record import Run, new_run
from ops.service.one_off_tasks import TaskRequest
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

STOP = "aws ecs stop-task --cluster nestjs-hannibal-3-cluster --task t-1"


def expired(*_: Any, **__: Any) -> None:
    raise client_error("ExpiredTokenException", "expired", "PutLogEvents")


def interrupted(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_task_whose_number_cannot_be_written_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_off_command, "start_task", lambda *_: SimpleNamespace(task_id="t-1"))
    monkeypatch.setattr(one_off_command, "record_run", expired)
    made: Run = new_run(purpose="run", who="me", command=("true",), image="api:1")
    with pytest.raises(UnreachableError) as error:
        start_recorded(aws_of(), made, TaskRequest(revision="f:1", command=("true",)))
    assert any(STOP in advice for advice in error.value.advice)


def test_a_task_that_cannot_be_watched_goes_on_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    task = SimpleNamespace(task_id="t-1", arn="arn:t-1")
    monkeypatch.setattr(one_off_command, "begin_run", lambda *_: Started(task=cast("Any", task), run=cast("Any", None)))
    monkeypatch.setattr(one_off_command, "finish_run", expired)
    session = Session(aws=aws_of(), console=Console(), json=False, dry_run=False, yes=True)
    with pytest.raises(UnreachableError) as error:
        command._carry_out(session, cast("Any", None), detach=False)
    assert any(STOP in advice for advice in error.value.advice)
    assert any("`hannibal logs --task t-1 --follow`" in advice for advice in error.value.advice)


def test_a_task_whose_start_was_not_answered_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the command again at once would run it twice."""
    monkeypatch.setattr(one_off_command, "begin_run", expired)
    session = Session(aws=aws_of(), console=Console(), json=False, dry_run=False, yes=True)
    with pytest.raises(UnreachableError) as error:
        command._carry_out(session, cast("Any", None), detach=False)
    assert "aws ecs list-tasks --cluster nestjs-hannibal-3-cluster --started-by hannibal/run" in error.value.advice[-1]


@pytest.mark.parametrize("pressed", ["before ECS answers", "at its record", "while it is stopped"])
def test_a_second_ctrl_c_names_the_task_that_may_continue(monkeypatch: pytest.MonkeyPatch, pressed: str) -> None:
    task = cast("Any", SimpleNamespace(task_id="t-1", arn="arn:t-1"))
    made: Run = new_run(purpose="run", who="me", command=("true",), image="api:1")

    def press(moment: str) -> Callable[..., None]:
        def pressed_now(*_: object, **__: object) -> None:
            if moment == pressed:
                raise KeyboardInterrupt

        return pressed_now

    def begin(*_: object) -> Started:
        press("before ECS answers")()
        return start_recorded(aws_of(), made, TaskRequest(revision="f:1", command=("true",)))

    def finish(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # the first one

    monkeypatch.setattr(one_off_command, "start_task", lambda *_: task)
    monkeypatch.setattr(one_off_command, "record_run", press("at its record"))
    monkeypatch.setattr(one_off_command, "begin_run", begin)
    monkeypatch.setattr(one_off_command, "finish_run", finish)
    monkeypatch.setattr(one_off_tasks, "stop_task", press("while it is stopped"))
    session = Session(aws=aws_of(), console=Console(), json=False, dry_run=False, yes=True)
    with pytest.raises(CancelledError) as error:
        command._carry_out(session, cast("Any", None), detach=False)
    named = STOP if pressed != "before ECS answers" else STOP.replace(" t-1", "")
    assert named in error.value.advice[-1]


@pytest.mark.parametrize("fails", [expired, interrupted])
def test_a_task_is_started_although_its_revision_cannot_be_taken_away(
    monkeypatch: pytest.MonkeyPatch, fails: Callable[..., None]
) -> None:
    """The task runs then, and must not be hidden by what failed beside it."""
    started = Started(task=cast("Any", SimpleNamespace(task_id="t-1")), run=cast("Any", None))
    monkeypatch.setattr(one_off_command, "record_run", lambda *_: None)
    monkeypatch.setattr(one_off_command, "register_revision", lambda *_, **__: SimpleNamespace(arn="arn:f:2"))
    monkeypatch.setattr(one_off_command, "start_recorded", lambda *_: started)
    plan: Any = SimpleNamespace(
        caller=SimpleNamespace(identity="me"),
        command=("true",),
        image=SimpleNamespace(uri="api:2"),
        running=SimpleNamespace(revision=SimpleNamespace(arn="arn:f:1", image="api:1")),
    )
    aws = aws_of(ecs=SimpleNamespace(deregister_task_definition=fails))
    if fails is expired:
        assert begin_run(aws, plan) is started
        return
    with pytest.raises(CancelledError) as error:
        begin_run(aws, plan)
    assert any(STOP in advice for advice in error.value.advice)
