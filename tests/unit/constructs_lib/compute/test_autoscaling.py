"""Tasks that follow the load, where the settings say so."""

from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from installation.settings.file import load_settings
from tests.support.compute_stack import ComputeTemplates, dev, prod
from tests.support.synthesis import changed

TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalableTarget", "ScalingPolicy"))
REQUESTS = {"least": 1, "most": 4, "requests_per_target": 600}


@cache
def scaling() -> ComputeTemplates:
    return ComputeTemplates("dev", service={"autoscaling": REQUESTS})


def test_by_default_nothing_scales() -> None:
    for variant in (dev(), prod()):
        assert not variant.of_type(TARGET) | variant.of_type(POLICY)


def test_the_service_is_scaled_within_the_limits_once_it_is_there() -> None:
    (target,) = scaling().of_type(TARGET).values()
    properties = {key: value for key, value in target["Properties"].items() if key != "Tags"}
    assert properties == {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/nestjs-hannibal-3-cluster/nestjs-hannibal-3-api-service",
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    assert scaling().one("AWS::ECS::Service")[0] in target["DependsOn"]


def test_turning_it_on_changes_nothing_that_law_4_freezes() -> None:
    """Only these two resources are new, so a running month can be given them."""
    before, after = dev().json["Resources"], scaling().json["Resources"]
    new = {key for key in after if key not in before}
    assert {after[key]["Type"] for key in new} == {TARGET, POLICY}
    assert {key: value for key, value in after.items() if key not in new} == before


def test_requests_are_counted_over_both_target_groups() -> None:
    """The predefined metric watches one group for ever, and a release moves production to the other."""
    configuration = scaling().properties(POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert (configuration["TargetValue"], configuration["ScaleOutCooldown"], configuration["ScaleInCooldown"]) == (
        600,
        60,
        300,
    )
    *groups, both = configuration["CustomizedMetricSpecification"]["Metrics"]
    # Without FILL, which takes the newest minute for one without requests, and would keep tasks from being added.
    assert both["Expression"] == "blue + green"
    assert [query["ReturnData"] for query in (*groups, both)] == [False, False, True]
    dimensions = [dimensions_of(query) for query in groups]
    assert all(set(each) == {"LoadBalancer", "TargetGroup"} for each in dimensions)
    assert dimensions[0]["LoadBalancer"] == dimensions[1]["LoadBalancer"]
    assert dimensions[0]["TargetGroup"] != dimensions[1]["TargetGroup"]


def dimensions_of(query: dict[str, Any]) -> dict[str, Any]:
    metric = query["MetricStat"]["Metric"]
    assert (metric["Namespace"], metric["MetricName"]) == ("AWS/ApplicationELB", "RequestCountPerTarget")
    return {one["Name"]: one["Value"] for one in metric["Dimensions"]}


def test_cpu_is_the_services_own_metric() -> None:
    variant = ComputeTemplates("dev", service={"autoscaling": {"least": 1, "most": 2, "cpu_percent": 60}})
    configuration = variant.properties(POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["PredefinedMetricSpecification"] == {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    assert configuration["TargetValue"] == 60


@pytest.mark.parametrize(
    ("autoscaling", "problem"),
    [
        ({"least": 2, "most": 2, "cpu_percent": 60}, "most: 2 must be above least"),
        ({"least": 1, "most": 2}, "give one of them"),
        ({"least": 1, "most": 2, "cpu_percent": 60, "requests_per_target": 5}, "give one of them"),
        ({"least": 2, "most": 3, "cpu_percent": 60}, "desired_count: 1 must be from autoscaling.least"),
        ({"least": 1, "most": 2, "cpu_percent": 80}, "must be below alarms.cpu_percent"),
    ],
)
def test_what_cannot_scale_is_refused(autoscaling: dict[str, int], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        changed(load_settings("dev"), service={"autoscaling": autoscaling})
