"""What a release is watched by: how long it still takes, and nothing once it has ended."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.cli.console import release_progress
from ops.release import progress
from ops.release.deployment import state_of
from ops.release.progress import ReleaseReader, ReleaseView
from ops.release.timing import Timing
from ops.service.ecs_service import StoppedTask
from tests.support.aws import aws_of
from tests.support.fakes import NOW

MINUTE = timedelta(minutes=1)


def view(monkeypatch: pytest.MonkeyPatch, *, status: str, **ended: Any) -> ReleaseView:
    """A release that began two minutes ago and has shifted traffic for one of five."""
    now = NOW + 2 * MINUTE
    deployment = state_of(cast("Any", {"deploymentId": "d-1", "status": status, "createTime": NOW} | ended))
    steps = (progress.LifecycleEvent(name="AllowTraffic", status=status, started=now - MINUTE, ended=None, message=""),)
    answers: dict[str, Any] = {
        "alarms_of_releases": frozenset({"api-errors"}),
        "read_timing": Timing(shift=5 * MINUTE, first_percent=10, bake=MINUTE),
        "read_deployment": deployment,
        "read_events": steps,
        "read_target_groups": (),
        "read_failures": (),
        "read_alarms": [SimpleNamespace(name="api-errors"), SimpleNamespace(name="another")],
    }
    for name, answer in answers.items():
        monkeypatch.setattr(progress, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(progress, "read_running_service", lambda *_: None)
    monkeypatch.setattr(progress, "datetime", SimpleNamespace(now=lambda _: now))
    return ReleaseReader(aws_of(), deployment).read()


def test_while_it_shifts_the_rest_and_the_wait_after_it_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(monkeypatch, status="InProgress")
    assert seen.left == 4 * MINUTE + MINUTE
    assert seen.elapsed == 2 * MINUTE
    assert [alarm.name for alarm in seen.alarms] == ["api-errors"]


def test_a_clock_that_is_behind_gives_no_negative_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(monkeypatch, status="InProgress", createTime=NOW + 5 * MINUTE)
    assert seen.elapsed == timedelta()


def test_a_release_that_has_ended_has_its_duration_and_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(monkeypatch, status="Succeeded", completeTime=NOW + MINUTE)
    assert seen.left is None
    assert seen.elapsed == MINUTE


def test_tasks_that_do_not_start_are_no_release_that_is_nearly_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """CodeDeploy waits an hour for them; the command said all that time that a minute was left."""
    seen = replace(view(monkeypatch, status="InProgress"), left=None, elapsed=6 * MINUTE, alarms=())
    said: list[str] = []
    monkeypatch.setattr(release_progress, "_HEARTBEAT_SECONDS", 0)
    show = release_progress._change_reporter(lambda _: None, said.append)
    show(seen)
    show(seen)
    assert said == ["  6m00s elapsed, longer than usual: `hannibal doctor` shows what it waits for"]


def crashed(count: int) -> tuple[StoppedTask, ...]:
    task = StoppedTask(
        task_id="0123456789",
        task_set="ecs-svc/1",
        revision="api:2",
        image="api:2",
        stopped=NOW,
        code="EssentialContainerExited",
        reason="Essential container in task exited",
        container_reason="",
        exit_code=3,
    )
    return (task,) * count


def test_tasks_that_fail_again_and_again_are_told_with_what_ends_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """CodeDeploy waits an hour for healthy tasks, in which nothing was said of those that failed."""
    before = replace(
        view(monkeypatch, status="InProgress"),
        events=(progress.LifecycleEvent(name="Install", status="InProgress", started=NOW, ended=None, message=""),),
        alarms=(),
    )
    once, often = replace(before, failures=crashed(1)), replace(before, failures=crashed(3))
    words = "the newest by: Essential container in task exited; exit code 3"
    assert [it.text for it in progress.changes(before, once)] == [f"  tasks failed: 1, {words}"]
    assert progress.changes(once, once) == ()
    assert progress.changes(often, once) == (), "ECS lists stopped tasks for an hour"
    (change,) = progress.changes(once, often)
    assert change.text.startswith(f"  tasks failed: 3, {words}. ")
    assert "`hannibal rollback` ends the release" in change.text
    assert change.data == {"failed": 3, "reason": "Essential container in task exited; exit code 3"}
    shifting = replace(often, events=view(monkeypatch, status="InProgress").events)
    assert progress.words_of_failures(shifting) == f"tasks failed: 3, {words}"
