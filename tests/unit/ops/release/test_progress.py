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
from tests.support.aws import aws_of
from tests.support.fakes import NOW

MINUTE = timedelta(minutes=1)


def view(monkeypatch: pytest.MonkeyPatch, *, status: str, **ended: Any) -> ReleaseView:
    """A release that began two minutes ago and has shifted traffic for one of five."""
    now = NOW + 2 * MINUTE
    deployment = state_of(cast("Any", {"deploymentId": "d-1", "status": status, "createTime": NOW, **ended}))
    steps = (progress.LifecycleEvent(name="AllowTraffic", status=status, started=now - MINUTE, ended=None, message=""),)
    answers: dict[str, Any] = {
        "alarms_of_releases": frozenset({"api-errors"}),
        "read_timing": Timing(shift=5 * MINUTE, first_percent=10, bake=MINUTE),
        "read_deployment": deployment,
        "read_events": steps,
        "read_target_groups": (),
        "read_alarms": [SimpleNamespace(name="api-errors"), SimpleNamespace(name="another")],
    }
    for name, answer in answers.items():
        monkeypatch.setattr(progress, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(progress, "ServiceReader", lambda _: SimpleNamespace(read=lambda: None))
    monkeypatch.setattr(progress, "datetime", SimpleNamespace(now=lambda _: now))
    return ReleaseReader(aws_of(), deployment).read()


def test_while_it_shifts_the_rest_and_the_wait_after_it_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(monkeypatch, status="InProgress")
    assert seen.left == 4 * MINUTE + MINUTE
    assert seen.elapsed == 2 * MINUTE
    assert [alarm.name for alarm in seen.alarms] == ["api-errors"]


def test_a_release_that_has_ended_has_its_duration_and_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = view(monkeypatch, status="Succeeded", completeTime=NOW + MINUTE)
    assert seen.left is None
    assert seen.elapsed == MINUTE


def test_tasks_that_do_not_start_are_no_release_that_is_nearly_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """CodeDeploy waits an hour for them; the command said all that time that a minute was left."""
    seen = replace(view(monkeypatch, status="InProgress"), left=None, elapsed=6 * MINUTE, alarms=())
    said: list[str] = []
    monkeypatch.setattr(release_progress, "_HEARTBEAT_SECONDS", 0)
    lines = release_progress._Changes(lambda _: None, said.append)
    lines.show(seen)
    lines.show(seen)
    assert said == ["  6m00s elapsed, longer than usual: `hannibal doctor` shows what it waits for"]
