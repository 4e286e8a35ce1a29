"""What policies are asked about a call to Application Auto Scaling."""

import json

import pytest

from embedded_aws import application_autoscaling
from embedded_aws.application_autoscaling.operations import Store

ARN = "arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/0a1b"
REQUEST = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}


@pytest.mark.parametrize(
    ("action", "resource", "wanted"),
    [
        ("RegisterScalableTarget", "service/c/s", ARN),
        ("RegisterScalableTarget", "service/c/another", "scalable-target/new"),
        ("DescribeScalableTargets", "service/c/s", "*"),
    ],
)
def test_a_call_is_about_the_target_of_its_service(action: str, resource: str, wanted: str) -> None:
    store = Store(targets={"service/c/s": {"ScalableTargetARN": ARN}})
    assert application_autoscaling.resource(store, action, REQUEST | {"ResourceId": resource}) == wanted


def test_a_condition_can_be_on_namespace_and_dimension() -> None:
    keys = application_autoscaling.keys_of_request(
        lambda *_: {}, "application-autoscaling", "RegisterScalableTarget", json.dumps(REQUEST).encode(), {}
    )
    assert keys == {
        "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        "application-autoscaling:service-namespace": "ecs",
    }
