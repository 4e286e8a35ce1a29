"""Equal values by reference, default, ARN, output and import are written alike; others stay as they are."""

from typing import Any

import pytest

from ops.templates.aligning import aligned
from ops.templates.resolver import Resolver
from ops.templates.values import waited_for

_REGION = "ap-northeast-1"
_ARN = "arn:aws:logs:ap-northeast-1:${AWS::AccountId}:log-group:/app:*"
_OTHER: dict[str, Any] = {"Outputs": {"Topic": {"Value": "alerts", "Export": {"Name": "topic"}}}}


def _template(value: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Given": {"Type": "String", "Default": "/app"}},
        "Resources": {
            "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/app"}},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": "vpc-1"}},
            "GitHub": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://a.example"}},
            "User": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": value}},
        },
    }


def _same(old: Any, new: Any) -> bool:
    sides = (_template(old), _template(new))
    values = [Resolver({"One": side, "Other": _OTHER}, {"One": _REGION, "Other": _REGION}) for side in sides]
    before, after = aligned("One", sides, (values[0], values[1]))
    return bool(before == after)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("/app", {"Ref": "Log"}, True),
        ("/app", {"Ref": "Given"}, True),
        ("/other", {"Ref": "Given"}, False),
        ({"Fn::GetAtt": ["Log", "Arn"]}, {"Fn::Sub": _ARN}, True),
        ({"Fn::GetAtt": ["Log", "Arn"]}, {"Fn::Sub": _ARN.replace("/app", "/other")}, False),
        ({"Ref": "Table"}, {"Fn::GetAtt": ["Table", "RouteTableId"]}, True),
        ({"Ref": "Table"}, {"Ref": "Log"}, False),
        ({"Ref": "GitHub"}, {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/a.example"}, True),
        ({"Ref": "GitHub"}, {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/b.example"}, False),
        ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Topic"}}, {"Fn::ImportValue": "topic"}, True),
        ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Topic"}}, "alerts", True),
        ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Topic", "Region": _REGION}}, "alerts", True),
        ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Topic", "Region": "us-east-1"}}, "alerts", False),
        ({"Fn::ImportValue": "topic"}, {"Fn::ImportValue": "another"}, False),
    ],
)
def test_values_are_compared_by_what_they_come_to(old: Any, new: Any, same: bool) -> None:
    assert _same(old, new) is same


def test_what_is_waited_for_is_followed() -> None:
    resources: Any = {"A": {"Properties": {"X": {"Ref": "B"}}}, "B": {"DependsOn": "C"}, "C": {}, "D": {}}
    assert waited_for("A", resources) == {"B", "C"}
