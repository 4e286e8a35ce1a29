"""The steps of a shift."""

from typing import Any

import pytest

from embedded_aws.codedeploy.configurations import Configurations, Step, steps
from embedded_aws.codedeploy.store import Store
from embedded_aws.core.refusal import Refusal


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ECSAllAtOnce", [Step(100.0, 0.0)]),
        ("ECSCanary10Percent5Minutes", [Step(10, 0.0), Step(100.0, 300.0)]),
        ("ECSCanary10Percent15Minutes", [Step(10, 0.0), Step(100.0, 900.0)]),
        ("ECSLinear10PercentEvery3Minutes", [Step(10.0 * n, 180.0 * (n - 1)) for n in range(1, 11)]),
    ],
)
def test_the_steps_of_the_predefined_configurations(name: str, expected: list[Step]) -> None:
    found = Configurations(Store()).find(f"CodeDeployDefault.{name}")
    assert steps(found["trafficRoutingConfig"]) == expected


def test_a_linear_shift_ends_at_all_traffic_where_the_share_does_not_divide() -> None:
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 30, "linearInterval": 2}}
    assert [step.percent for step in steps(routing)] == [30, 60, 90, 100]


@pytest.mark.parametrize(
    "routing",
    [
        {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 0, "canaryInterval": 1}},
        {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 100, "canaryInterval": 1}},
        {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 0}},
        {"type": "Sudden"},
    ],
)
def test_a_shift_that_cannot_be_planned_is_refused(routing: dict[str, Any]) -> None:
    request = {"deploymentConfigName": "own", "computePlatform": "ECS", "trafficRoutingConfig": routing}
    with pytest.raises(Refusal) as refusal:
        Configurations(Store()).create(request)
    assert refusal.value.code == "InvalidTrafficRoutingConfigurationException"
