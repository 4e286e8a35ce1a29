"""When a task counts as healthy: by the load balancer's checks and by those of its essential containers."""

from typing import Any

import pytest

from embedded_aws.core.faults import Faults
from embedded_aws.ecs import emulator
from embedded_aws.ecs.task_health import TaskHealth
from embedded_aws.load_balancer.targets import TargetBoard

_CHECK = {"command": ["CMD", "true"]}


def _health(results: dict[str, str | None]) -> TaskHealth:
    return TaskHealth(
        board=TargetBoard(clock_factor=1),
        faults=Faults(),
        clock_factor=1,
        is_real=lambda _: True,
        result=lambda _, name: results[name],
    )


@pytest.mark.parametrize(
    ("api", "sidecar", "status", "is_healthy"),
    [
        ("UNKNOWN", None, "UNKNOWN", False),
        ("HEALTHY", None, "HEALTHY", True),
        ("UNHEALTHY", None, "UNHEALTHY", False),
        ("HEALTHY", "UNHEALTHY", "HEALTHY", True),
        ("UNKNOWN", "HEALTHY", "UNKNOWN", False),
        (None, None, "HEALTHY", True),
    ],
)
def test_essential_containers_decide_and_one_that_is_not_checked_yet_is_not_healthy(
    monkeypatch: pytest.MonkeyPatch, api: str | None, sidecar: str | None, status: str, *, is_healthy: bool
) -> None:
    definition = {
        "containerDefinitions": [
            {"name": "api", "healthCheck": _CHECK},
            {"name": "sidecar", "healthCheck": _CHECK, "essential": False},
            {"name": "certificates", "essential": False},
        ]
    }
    monkeypatch.setattr(emulator, "find_task_definition", lambda _: definition)
    containers = [{"name": each, "image": each} for each in ("api", "sidecar", "certificates")]
    task: dict[str, Any] = {"taskArn": "arn", "taskDefinitionArn": "arn", "containers": containers}

    assert _health({"api": api, "sidecar": sidecar}).is_healthy({"loadBalancers": []}, task) is is_healthy
    assert task["healthStatus"] == status


def test_a_task_without_checks_is_healthy_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "find_task_definition", lambda _: {"containerDefinitions": [{"name": "api"}]})
    task: dict[str, Any] = {
        "taskArn": "arn",
        "taskDefinitionArn": "arn",
        "containers": [{"name": "api", "image": "one"}],
    }

    assert _health({}).is_healthy({"loadBalancers": []}, task)
    assert task["healthStatus"] == "UNKNOWN"


def test_a_task_that_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "find_task_definition", lambda _: {})
    tasks = {arn: {"taskArn": arn, "lastStatus": "RUNNING"} for arn in ("first", "second", "third")}
    monkeypatch.setattr(emulator, "tasks", tasks)
    health = _health({})

    for arn, task in tuple(tasks.items()):
        health.failure({}, {"loadBalancers": []}, {**task, "taskDefinitionArn": "arn", "containers": []})
        if arn == "first":
            tasks["first"]["lastStatus"] = "STOPPED"

    assert health._running_since.keys() == {"second", "third"}
