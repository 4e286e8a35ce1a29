"""Nights and weekends: what is called when, and by a role that can do nothing else."""

import json
from typing import Any

import pytest

from tests.support.compute_stack import ComputeTemplates, dev

SCHEDULE = "AWS::Scheduler::Schedule"
STATE = {"StateValue": "OK", "StateReason": "The pause is over; from now on CloudWatch counts healthy targets again."}


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


def test_what_is_called_when(compute: ComputeTemplates) -> None:
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


def test_the_end_of_a_nights_silence_tells_nobody(compute: ComputeTemplates) -> None:
    """CloudWatch tells of each way to OK, and from no data to OK is one."""
    alarms = [resource["Properties"] for resource in compute.of_type("AWS::CloudWatch::Alarm").values()]
    assert "missing" not in {alarm["TreatMissingData"] for alarm in alarms}
    assert {alarm["AlarmName"] for alarm in alarms if alarm["TreatMissingData"] == "breaching"} == {
        compute.names.no_target_alarm
    }
