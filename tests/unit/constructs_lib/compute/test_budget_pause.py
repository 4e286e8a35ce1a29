"""The function that pauses a month whose budget is spent: off by default, called by Budgets' topic, narrow."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from installation.permissions.roles import ecs_boundary
from installation.settings import Settings
from tests.support.compute_stack import ComputeTemplates, dev
from tests.support.policies import ACCOUNT, allowing, arns, denying
from tests.support.synthesis import changed

FUNCTION = "AWS::Lambda::Function"


@pytest.fixture(scope="module")
def compute() -> ComputeTemplates:
    """With the rules attached: a finding of AwsSolutions ends the synthesis."""
    return ComputeTemplates("dev", schedule={}, guardrail={"pause_at_limit": True})


def statements(compute: ComputeTemplates) -> dict[str, Any]:
    role = compute.properties("AWS::IAM::Role", RoleName=compute.names.budget_pause)
    found = role["Policies"][0]["PolicyDocument"]["Statement"]
    return {it["Sid"]: it for it in found if "Sid" in it}


def test_without_the_setting_there_is_none() -> None:
    assert dev().of_type("AWS::SNS::Subscription") == {}
    functions = [it["Properties"].get("FunctionName") for it in dev().of_type(FUNCTION).values()]
    assert dev().names.budget_pause not in functions


def test_only_the_budgets_topic_calls_it(compute: ComputeTemplates) -> None:
    key, _ = compute.one(FUNCTION, FunctionName=compute.names.budget_pause)
    arn = {"Fn::GetAtt": [key, "Arn"]}
    (subscription,) = compute.of_type("AWS::SNS::Subscription").values()
    permission = compute.properties("AWS::Lambda::Permission", Principal="sns.amazonaws.com")
    topic = subscription["Properties"]["TopicArn"]

    assert subscription["Properties"] == {"Endpoint": arn, "Protocol": "lambda", "TopicArn": topic}
    assert permission["FunctionName"] == arn
    assert permission["SourceArn"] == topic


def test_it_may_stop_and_start_nothing(compute: ComputeTemplates) -> None:
    names = compute.names
    actions = {
        action
        for it in statements(compute).values()
        for action in ([it["Action"]] if isinstance(it["Action"], str) else it["Action"])
    }
    assert actions == {
        "billing:GetBillingViewData",
        "budgets:ViewBudget",
        "cloudwatch:DisableAlarmActions",
        "ecs:UpdateService",
        "iam:PassRole",
        "rds:DescribeDBInstances",
        "rds:StopDBInstance",
        "scheduler:GetSchedule",
        "scheduler:UpdateSchedule",
    }
    text = json.dumps(statements(compute))
    assert "*" not in text
    assert text.count("schedule/default/") == 4
    assert "Pause" not in json.dumps(statements(compute)["DisableMorning"]["Resource"])
    passed = statements(compute)["KeepRole"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert json.dumps(passed["Resource"]).endswith(f':role/{names.pause_role}"]]}}')


def test_its_boundary_leaves_room(compute: ComputeTemplates) -> None:
    boundary = ecs_boundary(arns())
    for statement in statements(compute).values():
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for address in resources:
            text = "".join(ACCOUNT if isinstance(part, dict) else part for part in address["Fn::Join"][1])
            for action in actions:
                assert allowing(boundary, action, text), (action, text)
                assert all(statement.conditions for statement in denying(boundary, action, text)), (action, text)


def test_without_a_schedule_there_is_no_morning_to_disable() -> None:
    without = ComputeTemplates("dev", guardrail={"pause_at_limit": True})

    assert "DisableMorning" not in statements(without)
    assert "iam:PassRole" not in json.dumps(statements(without))
    _, function = without.one(FUNCTION, FunctionName=without.names.budget_pause)
    assert function["Properties"]["Environment"]["Variables"]["SCHEDULES"] == ""


def test_it_does_not_go_with_a_service_that_scales(settings: Settings) -> None:
    scaling = {"autoscaling": {"least": 1, "most": 2, "cpu_percent": 50}}
    with pytest.raises(ValidationError, match=r"guardrail.pause_at_limit: not together with service.autoscaling"):
        changed(settings, guardrail={"pause_at_limit": True}, service=scaling)
