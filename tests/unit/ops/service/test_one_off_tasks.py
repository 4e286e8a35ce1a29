"""A one-off task is watched to its end, also where ECS does not show it at once."""

from datetime import timedelta
from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import FailedError
from ops.service.one_off_tasks import OneOffTask, read_task, watch_task
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fakes import NOW

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:task/cluster/abc"
STOPPED = {
    "taskArn": ARN,
    "lastStatus": "STOPPED",
    "stopCode": "EssentialContainerExited",
    "containers": [{"name": "api", "exitCode": 0}],
}


class Ecs:
    """Answers with one look after another, and with the last one from then on."""

    def __init__(self, *looks: dict[str, Any] | None) -> None:
        self.looks = list(looks)

    def describe_tasks(self, **_: Any) -> Any:
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        failures = [] if found else [{"arn": ARN, "reason": "MISSING"}]
        return {"tasks": [found] if found else [], "failures": failures}


class Logs:
    class exceptions:  # noqa: N801 - boto3's name
        ResourceNotFoundException = KeyError

    def get_log_events(self, **_: Any) -> Any:
        return {"events": []}


def watched(settings: Settings, clock: Clock, *looks: dict[str, Any] | None) -> OneOffTask:
    begun = read_task(aws_of(settings=settings, ecs=Ecs(STOPPED | {"lastStatus": "PROVISIONING"})), ARN)
    assert begun is not None
    aws = aws_of(settings=settings, ecs=Ecs(*looks), logs=Logs(), polling=clock.polling())
    return watch_task(aws, begun, show=lambda _: None)


def test_a_task_that_ecs_does_not_show_yet_is_waited_for(settings: Settings) -> None:
    """What RunTask has made may be MISSING for a moment (ECS API reference, RunTask, "eventual consistency")."""
    assert watched(settings, Clock(), None, None, STOPPED).succeeded


@pytest.mark.parametrize(("began", "minutes"), [({"startedAt": NOW}, 3), ({}, None)])
def test_a_task_took_as_long_as_its_container_ran(
    settings: Settings, began: dict[str, Any], minutes: int | None
) -> None:
    """ECS takes the task away afterwards, which is part of no command."""
    ended = {"executionStoppedAt": NOW + timedelta(minutes=3), "stoppedAt": NOW + timedelta(minutes=4)}
    task = read_task(aws_of(settings=settings, ecs=Ecs(STOPPED | began | ended)), ARN)
    assert task is not None
    assert task.took == (minutes and timedelta(minutes=minutes))


@pytest.mark.parametrize("looks", [(None,), (STOPPED | {"lastStatus": "RUNNING"}, None)])
def test_a_task_that_is_gone_is_said_so(settings: Settings, looks: tuple[dict[str, Any] | None, ...]) -> None:
    clock = Clock()
    with pytest.raises(FailedError, match="does not know task abc any more"):
        watched(settings, clock, *looks)
    assert clock.time <= 75
