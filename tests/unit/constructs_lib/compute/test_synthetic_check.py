"""The synthetic check in the template: off by default, and an alarm that neither begins nor ends with a false sound."""

import json

import pytest

from tests.support.compute_stack import ComputeTemplates, dev

ALARM = "AWS::CloudWatch::Alarm"
RULE = "AWS::Events::Rule"


@pytest.fixture(scope="module")
def compute() -> ComputeTemplates:
    return ComputeTemplates("dev", synthetic_check={"minutes": 3})


def test_without_the_setting_there_is_no_synthetic_check() -> None:
    compute = dev()
    named = [
        logical_id
        for kind in (ALARM, RULE, "AWS::Lambda::Function", "AWS::IAM::Role", "Custom::FirstSyntheticCheck")
        for logical_id, resource in compute.of_type(kind).items()
        if compute.names.synthetic_check in json.dumps(resource)
    ]
    assert named == []


def test_two_runs_in_a_row_or_none_at_all_set_off_the_alarm(compute: ComputeTemplates) -> None:
    _, alarm = compute.one(ALARM, AlarmName=compute.names.synthetic_check)
    found = {key: alarm["Properties"][key] for key in ("Namespace", "MetricName", "Statistic", "Period")}
    assert found == {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 180}
    assert alarm["Properties"]["Dimensions"] == [{"Name": "FunctionName", "Value": compute.names.synthetic_check}]
    assert (alarm["Properties"]["EvaluationPeriods"], alarm["Properties"]["DatapointsToAlarm"]) == (2, 2)
    assert alarm["Properties"]["TreatMissingData"] == "breaching"
    assert alarm["Properties"]["AlarmActions"] == alarm["Properties"]["OKActions"] != []
    _, rule = compute.one(RULE, Name=compute.names.synthetic_check)
    assert rule["Properties"]["ScheduleExpression"] == "rate(3 minutes)"


def test_the_alarm_comes_after_the_first_run_and_goes_first(compute: ComputeTemplates) -> None:
    _, alarm = compute.one(ALARM, AlarmName=compute.names.synthetic_check)
    rule, _ = compute.one(RULE, Name=compute.names.synthetic_check)
    needed = {rule, *compute.of_type("Custom::FirstSyntheticCheck"), *compute.of_type("AWS::ECS::Service")}
    assert needed <= set(alarm["DependsOn"])


def test_a_failure_counts_once(compute: ComputeTemplates) -> None:
    (config,) = compute.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert config["Properties"]["MaximumRetryAttempts"] == 0


def test_its_role_looks_at_one_stack_and_one_service(compute: ComputeTemplates) -> None:
    _, role = compute.one("AWS::IAM::Role", RoleName=compute.names.synthetic_check)
    statements = {
        it["Sid"]: it for it in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"] if "Sid" in it
    }
    assert {key: it["Action"] for key, it in statements.items()} == {
        "FindAddress": "cloudformation:DescribeStacks",
        "KnowPause": "ecs:DescribeServices",
    }
    assert "stack/EdgeStack/*" in json.dumps(statements["FindAddress"]["Resource"])
    assert compute.names.service in json.dumps(statements["KnowPause"]["Resource"])


def test_parts_of_seconds_are_a_time_too() -> None:
    compute = ComputeTemplates("dev", synthetic_check={"seconds": 0.25})
    (function,) = (
        it["Properties"]
        for it in compute.of_type("AWS::Lambda::Function").values()
        if it["Properties"]["FunctionName"] == compute.names.synthetic_check
    )
    assert function["Timeout"] == 21  # 20 to spare
    assert function["Environment"]["Variables"]["SECONDS"] == "0.25"
