"""How long CloudFormation waits for a service: for long, but not for one whose tasks fail."""

from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.ecs import cloudformation, emulator, task_sets


@pytest.mark.parametrize(("failed", "seconds"), [(0, 900), (2, 900), (3, 120)])
def test_a_service_whose_tasks_fail_is_given_up_sooner(
    monkeypatch: pytest.MonkeyPatch, failed: int, seconds: int
) -> None:
    now = [1000.0]

    def sleep(_: float) -> None:
        now[0] += 1.0

    service: dict[str, Any] = {
        "serviceArn": "arn",
        "runningCount": 0,
        "desiredCount": 1,
    }
    monkeypatch.setattr(cloudformation, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    monkeypatch.setattr(emulator, "find_service", lambda *_: service)
    monkeypatch.setattr(emulator, "is_code_deploy", lambda _: False)
    monkeypatch.setattr(task_sets, "stopped_tasks", lambda _: [{}] * failed)
    with pytest.raises(ValueError, match="NotStabilized"):
        cloudformation._wait_until_steady("cluster", "name")
    assert now[0] - 1000.0 == seconds + 1
