"""What the load balancer refuses of a target group's attributes, by those that it already has."""

from collections.abc import Iterator

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.refusals import check_new_group_attributes

GROUP = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/a/1"


@pytest.fixture
def group() -> Iterator[str]:
    emulator.target_groups[GROUP] = {"TargetGroupArn": GROUP, "Protocol": "HTTP"}
    yield GROUP
    del emulator.target_groups[GROUP]
    emulator.target_group_attributes.pop(GROUP, None)


def _change(group: str, **values: str) -> None:
    attributes = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
    check_new_group_attributes({"TargetGroupArn": group, "Attributes": attributes})


def test_the_name_of_a_cookie_may_be_set_before_its_type(group: str) -> None:
    with pytest.raises(Refusal, match="must be set for stickiness"):
        _change(group, stickiness__type="app_cookie")

    emulator.target_group_attributes[group] = [
        {"Key": "stickiness.type", "Value": "lb_cookie"},
        {"Key": "stickiness.app_cookie.cookie_name", "Value": "SESSION"},
    ]
    _change(group, stickiness__type="app_cookie")


def test_an_attribute_that_does_not_fit_an_earlier_one_is_refused(group: str) -> None:
    emulator.target_group_attributes[group] = [{"Key": "slow_start.duration_seconds", "Value": "30"}]

    _change(group, slow_start__duration_seconds="0", load_balancing__algorithm__type="weighted_random")
    with pytest.raises(Refusal, match="Slow start is for"):
        _change(group, load_balancing__algorithm__type="weighted_random")
