"""What scaling did last, in this month."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from installation.settings.service import AutoscalingSettings
from ops.service.autoscaling import read_scaling
from tests.support.aws import aws_of
from tests.support.fakes import NOW


@pytest.mark.parametrize(("days", "failure"), [(1, "no capacity"), (-1, "")])
def test_an_activity_of_another_months_target_is_none_of_this_one(settings: Settings, days: int, failure: str) -> None:
    service = settings.service.model_copy(update={"autoscaling": AutoscalingSettings(least=1, most=3, cpu_percent=60)})
    failed: Any = {"StatusCode": "Failed", "StatusMessage": "no capacity", "Description": "to 2", "StartTime": NOW}
    target = {"MinCapacity": 1, "MaxCapacity": 3, "CreationTime": NOW - timedelta(days=days)}
    scaling = SimpleNamespace(
        describe_scalable_targets=lambda **_: {"ScalableTargets": [target]},
        describe_scaling_activities=lambda **_: {"ScalingActivities": [failed]},
    )
    found = read_scaling(
        aws_of(application_autoscaling=scaling, settings=settings.model_copy(update={"service": service}))
    )
    assert found is not None
    assert (found.failure, found.last) == (failure, "to 2" if failure else "")
