"""Nights and weekends: what is called when, and by a role that can do nothing else."""

import json
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from installation.settings.file import load_settings
from tests.support.compute_stack import ComputeTemplates, dev, prod
from tests.support.synthesis import changed

SCHEDULE = "AWS::Scheduler::Schedule"
STATE = {"StateValue": "OK", "StateReason": "The pause is over; from now on CloudWatch counts healthy targets again."}
TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalableTarget", "ScalingPolicy"))
REQUESTS = {"least": 1, "most": 4, "requests_per_target": 600}


@pytest.fixture(scope="module")
def compute() -> ComputeTemplates:
    return ComputeTemplates("dev", schedule={"end": "19:30", "days": ("MON", "SAT")})


def calls(compute: ComputeTemplates) -> dict[str, tuple[str, Any]]:
    found = {}
    for resource in compute.of_type(SCHEDULE).values():
        properties = resource["Properties"]
        assert properties["ScheduleExpressionTimezone"] == "Asia/Tokyo"
        target = properties["Target"]
        call = target["Arn"].removeprefix("arn:aws:scheduler:::aws-sdk:")
        name = properties["Name"].removeprefix(f"{compute.names.project}-")
        found[name] = (f"{properties['ScheduleExpression']} {call}", json.loads(target["Input"]))
    return found


def test_without_the_setting_there_is_no_schedule() -> None:
    assert dev().of_type(SCHEDULE) == {}


def test_each_schedule_has_its_call_and_time(compute: ComputeTemplates) -> None:
    names = compute.names
    alarm_name = names.no_target_alarm
    service = {"Cluster": names.cluster, "Service": names.service}
    alarm, database = {"AlarmNames": [alarm_name]}, {"DbInstanceIdentifier": names.database}
    assert calls(compute) == {
        "PauseAlarm": ("cron(30 19 ? * * *) cloudwatch:disableAlarmActions", alarm),
        "PauseTasks": ("cron(31 19 ? * * *) ecs:updateService", service | {"DesiredCount": 0}),
        # Each day: RDS starts a stopped database by itself after seven.
        "PauseDatabase": ("cron(40 19 ? * * *) rds:stopDBInstance", database),
        "ResumeDatabase": ("cron(30 7 ? * MON,SAT *) rds:startDBInstance", database),
        "ResumeTasks": ("cron(50 7 ? * MON,SAT *) ecs:updateService", service | {"DesiredCount": 1}),
        "ResumeAlarm": ("cron(0 8 ? * MON,SAT *) cloudwatch:enableAlarmActions", alarm),
        "ResumeAlarmState": ("cron(1 8 ? * MON,SAT *) cloudwatch:setAlarmState", STATE | {"AlarmName": alarm_name}),
    }
    assert all(len(names.pause_schedule(name)) <= 64 for name in calls(compute))


def test_the_role_can_do_no_more(compute: ComputeTemplates) -> None:
    role = compute.properties("AWS::IAM::Role", RoleName=compute.names.pause_role)
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    actions = [
        action for it in statements for action in ([it["Action"]] if isinstance(it["Action"], str) else it["Action"])
    ]
    assert sorted(actions) == [
        "cloudwatch:DisableAlarmActions",
        "cloudwatch:EnableAlarmActions",
        "cloudwatch:SetAlarmState",
        "ecs:UpdateService",
        "rds:StartDBInstance",
        "rds:StopDBInstance",
    ]
    assert "security" not in json.dumps(statements)


def test_alarms_that_are_enabled_in_the_morning_notify_nobody(compute: ComputeTemplates) -> None:
    """CloudWatch tells of each way to OK, and from no data to OK is one."""
    alarms = [resource["Properties"] for resource in compute.of_type("AWS::CloudWatch::Alarm").values()]
    assert "missing" not in {alarm["TreatMissingData"] for alarm in alarms}
    assert {alarm["AlarmName"] for alarm in alarms if alarm["TreatMissingData"] == "breaching"} == {
        compute.names.no_target_alarm
    }


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
