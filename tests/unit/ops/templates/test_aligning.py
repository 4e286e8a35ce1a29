"""Equal values by reference, default, ARN, output and import are written alike; others stay as they are."""

from pathlib import Path
from typing import Any

import pytest

from ops.templates.aligning import aligned, without_own_account
from ops.templates.assembly import Assembly, Stack
from ops.templates.resolver import Resolver
from ops.templates.values import Json, at, waited_for

_OURS = "111122223333"
_REFERENCE: Json = {"Ref": "AWS::AccountId"}
_REGION = "ap-northeast-1"
_ARN = "arn:aws:logs:ap-northeast-1:${AWS::AccountId}:log-group:/app:*"
_OTHER: dict[str, Any] = {"Outputs": {"Topic": {"Value": "alerts", "Export": {"Name": "topic"}}}}


def _written(value: Json, account: str = _OURS) -> Json:
    template: dict[str, Json] = {"Resources": {"R": {"Properties": {"P": value}}}, "Mappings": {"M": {account: {}}}}
    roles = {"assumeRoleArn": f"arn:aws:iam::{account}:role/r"}
    stack = Stack(
        name="S", tags={}, protected=False, template=template, paths={}, region="", account=account, roles=roles
    )
    found = without_own_account(Assembly(Path(), {"S": stack}, {})).stacks["S"]
    assert found.template["Mappings"] == template["Mappings"]
    assert (found.roles == roles) == (not account.isdigit())
    return at(found.template, "Resources", "R", "Properties", "P")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"bucket-{_OURS}", {"Fn::Join": ["", ["bucket-", _REFERENCE]]}),
        ({"Fn::Sub": f"${{X}}-{_OURS}"}, {"Fn::Sub": "${X}-${AWS::AccountId}"}),
        ({"Fn::FindInMap": ["M", _OURS, "x"]}, {"Fn::FindInMap": ["M", _OURS, "x"]}),
        (f"9{_OURS}", f"9{_OURS}"),
        ("999988887777", "999988887777"),
    ],
)
def test_only_the_number_of_the_stacks_own_account_becomes_a_reference(value: Json, expected: Json) -> None:
    assert _written(value) == expected


def test_where_the_account_is_not_named_everything_stays() -> None:
    assert _written(f"bucket-{_OURS}", "unknown-account") == f"bucket-{_OURS}"


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
