"""What the versions of a service say of it, in the states that ECS gives them around a release."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor import ecs, tasks
from ops.errors import RefusedError
from ops.service.ecs_service import StoppedTask
from ops.service.logs import LogLine
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running

PRIMARY, LEFT = "arn:aws:ecs:r:1:task-definition/t:8", "arn:aws:ecs:r:1:task-definition/t:9"


def version(status: str, stability: str, since: datetime, definition: str = PRIMARY) -> dict[str, Any]:
    return {
        "id": f"ecs-svc/{status}",
        "status": status,
        "stabilityStatus": stability,
        "stabilityStatusAt": since,
        "createdAt": since,
        "taskDefinition": definition,
    }


@pytest.fixture
def look(account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Causes with their levels, of a service with these versions; and the definitions that were asked for."""
    monkeypatch.setattr(ecs, "_examine_network_paths", lambda *_: set())
    asked: list[str] = []

    def database_url(_examiner: object, service: Any, _symptoms: object) -> set[str]:
        asked.append(ecs._revision(service))
        return set()

    monkeypatch.setattr(ecs, "_database_url", database_url)

    def look(*versions: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
        running(account).services[0]["taskSets"] = list(versions)
        aws: Any = account.aws(settings)
        aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
        found = ecs.examine(aws, NOW).findings
        return {one.cause: one.level for one in found if one.cause != "call-failed"}, asked

    return look


def test_a_log_group_that_was_deleted_by_hand_is_missed_before_a_task_stops(
    look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running tasks do not notice; after a pause none would start."""

    def gone(*_: object, **__: object) -> Any:
        raise RefusedError("there is no log group /ecs/nestjs-hannibal-3")

    monkeypatch.setattr(ecs, "read_lines", gone)
    steady = version("PRIMARY", "STEADY_STATE", NOW - timedelta(days=9))
    assert look(steady) == ({"logs-missing": "trouble"}, [PRIMARY])


def test_what_a_release_has_left_behind_is_no_trouble(look: Any) -> None:
    """It is drained for minutes after the end, or after it was taken back, and is then the newest."""
    steady = version("PRIMARY", "STEADY_STATE", NOW - timedelta(days=9))
    left = version("DRAINING", "STABILIZING", NOW - timedelta(seconds=20), LEFT)
    assert look(steady, left) == ({}, [PRIMARY])


@pytest.mark.parametrize(("task_set", "found"), [("gone", {}), ("PRIMARY", {"container-exits": "trouble"})])
def test_tasks_of_a_release_that_was_rolled_back_advise_no_rollback(
    look: Any, monkeypatch: pytest.MonkeyPatch, task_set: str, found: dict[str, str]
) -> None:
    """The advice to roll back led from the version that serves again to the one before it, and on with each repeat."""
    ended = StoppedTask(
        task_id="0123456789",
        task_set=f"ecs-svc/{task_set}",
        revision="t:9",
        image="api:9",
        stopped=NOW - timedelta(minutes=1),
        code="EssentialContainerExited",
        reason="Essential container in task exited",
        container_reason="",
        exit_code=1,
    )
    monkeypatch.setattr(ecs, "read_stopped", lambda _: (ended, ended))
    assert look(version("PRIMARY", "STEADY_STATE", NOW - timedelta(minutes=1)))[0] == found


@pytest.mark.parametrize(("task_id", "found"), [("serving", {"read-only-root": "notice"}), ("failed", {})])
def test_what_tasks_of_a_failed_release_printed_is_no_complaint_of_those_that_serve(
    look: Any, monkeypatch: pytest.MonkeyPatch, task_id: str, found: dict[str, str]
) -> None:
    line = LogLine(time=NOW, task_id=task_id, message="EROFS: read-only file system, open '/app/log'")
    monkeypatch.setattr(tasks, "read_lines", lambda *_, **__: iter([line]))
    monkeypatch.setattr(ecs, "describe_tasks", lambda *_, **__: [{"taskArn": "arn:aws:ecs:r:1:task/c/serving"}])
    assert look(version("PRIMARY", "STEADY_STATE", NOW - timedelta(days=9)))[0] == found


@pytest.mark.parametrize(("minutes", "cause"), [(1, "tasks-starting"), (11, "tasks-missing")])
def test_the_version_that_is_not_steady_says_for_how_long(look: Any, minutes: int, cause: str) -> None:
    """Not the one that has served for days."""
    steady = version("PRIMARY", "STEADY_STATE", NOW - timedelta(days=9))
    found, _ = look(steady, version("ACTIVE", "STABILIZING", NOW - timedelta(minutes=minutes), LEFT))
    assert list(found) == [cause]
