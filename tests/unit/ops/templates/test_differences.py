"""Leaves are the smallest places that differ; what CloudFormation takes for equal is none."""

from typing import Any

import pytest

from ops.templates.differences import leaves
from ops.templates.normal_form import TemplateFacts, normal_form, template_facts

KNOWN = TemplateFacts(conditions={"Yes": True}, mappings={"M": {"A": {"B": "y", "C": ["y"]}}}, region="ap-northeast-1")


def places(old: Any, new: Any) -> list[str]:
    return ["/".join(leaf.path) for leaf in leaves(normal_form(old, KNOWN), normal_form(new, KNOWN))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"A": 20}, {"A": "20"}),
        ({"A": True}, {"A": "true"}),
        ({"A": []}, {}),
        ({"A": {"Fn::Sub": "x-${B}"}}, {"A": {"Fn::Join": ["-", ["x", {"Ref": "B"}]]}}),
        ({"A": {"Fn::Sub": "${B.Arn}"}}, {"A": {"Fn::GetAtt": ["B", "Arn"]}}),
        ({"A": {"Fn::Sub": ["${X}", {"X": "y"}]}}, {"A": "y"}),
        ({"A": {"Ref": "AWS::NoValue"}}, {}),
        ({"A": [{"Ref": "B"}, {"Ref": "C"}]}, {"A": [{"Ref": "C"}, {"Ref": "B"}]}),
        (
            {"Tags": [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]},
            {"Tags": [{"Key": "b", "Value": 2}, {"Key": "a", "Value": 1}]},
        ),
        ({"$or": [{"a": ["x", "y"]}, {"b": ["z"]}]}, {"$or": [{"b": ["z"]}, {"a": ["y", "x"]}]}),
        ({"A": '{"x": 1}'}, {"A": '{"x":1}'}),
        ('{"x": 1}', '{"x":1}'),
        ({"Rules": '{"x": 1}'}, {"Rules": '{"x":1}'}),
        (
            {"PolicyDocument": {"Statement": [{"Action": "a:b", "Resource": {"Fn::GetAtt": ["B", "Arn"]}}]}},
            {"PolicyDocument": {"Fn::Sub": '{"Statement": [{"Action": "a:b", "Resource": "${B.Arn}"}]}'}},
        ),
        ({"A": '{"Statement": {"Bool": true}}'}, {"A": '{"Statement": {"Bool": "true"}}'}),
        ({"Variables": {"A": True, "B": 1}}, {"Variables": {"A": "true", "B": "1"}}),
        ({"A": {"Fn::Select": ["1", {"Fn::Split": ["|", "x|y"]}]}}, {"A": "y"}),
        ({"A": {"Fn::Join": ["-", {"Fn::Split": ["|", "x|y"]}]}}, {"A": "x-y"}),
        ({"A": {"Fn::FindInMap": ["M", "A", "B"]}}, {"A": "y"}),
        ({"A": {"Fn::If": ["Any", "y", {"Fn::Sub": "y"}]}}, {"A": "y"}),
        ({"A": {"Fn::If": ["Any", {"Ref": "AWS::NoValue"}, {"Ref": "AWS::NoValue"}]}}, {}),
        ({"A": {"Fn::If": ["Yes", "y", "n"]}}, {"A": "y"}),
        ({"A": {"Fn::Sub": "a.${AWS::Region}.${AWS::URLSuffix}"}}, {"A": "a.ap-northeast-1.amazonaws.com"}),
        ({"A": {"Ref": "AWS::Partition"}}, {"A": "aws"}),
    ],
)
def test_equal_values_in_another_form_do_not_differ(old: Any, new: Any) -> None:
    assert places(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        # What an object chooses by its key: a firewall lets through what it refused.
        ({"DefaultAction": {"Block": {}}}, {"DefaultAction": {"Allow": {}}}, ["DefaultAction"]),
        ({"A": {"B": 1, "C": 1}}, {"A": {"B": 2, "C": 1}}, ["A/B"]),
        ({"Command": ["a", "b"]}, {"Command": ["b", "a"]}, ["Command/0", "Command/1"]),
        ({"A": [{"Args": ["a", "b"]}]}, {"A": [{"Args": ["b", "a"]}]}, ["A/0/Args/0", "A/0/Args/1"]),
        (
            {"Members": {"Items": [{"OriginId": "a"}, {"OriginId": "b"}]}},
            {"Members": {"Items": [{"OriginId": "b"}, {"OriginId": "a"}]}},
            ["Members/Items/0/OriginId", "Members/Items/1/OriginId"],
        ),
        ({"A": [{"Name": "x", "V": 1}]}, {"A": [{"Name": "x", "V": 2}]}, ["A/Name=x/V"]),
        ({"A": [{"Name": "x"}]}, {"A": [{"Name": "x"}, {"Name": "y"}]}, ["A/Name=y"]),
        (
            {"A": [{"rulePriority": 1, "V": "x"}]},
            {"A": [{"rulePriority": 1, "V": "y"}, {"rulePriority": 2, "V": "x"}]},
            ["A/rulePriority=1/rulePriority", "A/rulePriority=1"],
        ),
        ({"Rules": [{"V": 1}]}, {"Rules": [{"V": 1}, {"V": 2}, {"V": 3}]}, ["Rules/1", "Rules/2"]),
        ({"Rules": [{"V": 1}, {"V": 2}]}, {"Rules": [{"V": 1}]}, ["Rules/1"]),
        ({"Rules": [{"V": 1}]}, {"Rules": [{"V": 2}, {"V": 1}]}, ["Rules"]),
        ({"Rules": []}, {"Rules": [{"V": 1}]}, ["Rules"]),
        ({"Command": ["a"]}, {"Command": ["a", "b"]}, ["Command"]),
        ({"A": '{"x": 1}'}, {"A": '{"x": 2}'}, ["A/x"]),
        ({"Rules": '{"x": 1}'}, {"Rules": '{"x": 2}'}, ["Rules/x"]),
        ({"Rules": "[1]"}, {"Rules": "[1, 2]"}, ["Rules"]),
        ({"REQUESTS": "[1]"}, {"REQUESTS": "[1, 2]"}, ["REQUESTS/1"]),
        ({"A": True}, {"A": 1}, ["A"]),
        ({"A": {"B": [{"C": True}, {"D": 0}]}}, {"A": {"B": [{"C": 1}, {"D": False}]}}, ["A/B/0/C", "A/B/1/D"]),
        ({"A": 0.1234567}, {"A": 0.1234568}, ["A"]),
        ({"A": 1234567.5}, {"A": 1234567.6}, ["A"]),
        ({"A": '{"x": true}'}, {"A": '{"x": "true"}'}, ["A/x"]),
        ({"EventPattern": {"x": [1]}}, {"EventPattern": {"x": ["1"]}}, ["EventPattern/x/-", "EventPattern/x/-"]),
        ({"A": {"Fn::If": ["Any", 1, True]}}, {"A": 1}, ["A"]),
        ({"A": {"Fn::Sub": "${!Literal}"}}, {"A": {"Fn::Sub": "${Literal}"}}, ["A"]),
        ({"A": {"Fn::Select": [1, {"Fn::GetAZs": ""}]}}, {"A": "y"}, ["A"]),
        ({"A": {"Fn::Select": [2, ["x", "y"]]}}, {"A": "y"}, ["A"]),
        ({"A": {"Fn::FindInMap": ["M", "A", "Z"]}}, {"A": "y"}, ["A"]),
        ({"A": {"Fn::If": ["Any", "y", "n"]}}, {"A": "y"}, ["A"]),
        ({"A": {"Ref": "AWS::AccountId"}}, {"A": "123456789012"}, ["A"]),
    ],
)
def test_the_smallest_place_that_differs_is_named(old: Any, new: Any, where: list[str]) -> None:
    assert places(old, new) == where


@pytest.mark.parametrize(
    ("condition", "decided"),
    [
        ({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, False),
        ({"Fn::Equals": [{"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "B"]}, "y"]}, True),
        ({"Fn::Equals": [{"Ref": "AWS::AccountId"}, "123456789012"]}, None),
    ],
)
def test_a_condition_is_decided_where_the_region_is_known(condition: Any, decided: bool | None) -> None:
    template: Any = {"Conditions": {"C": condition}, "Mappings": {"M": {"eu-west-1": {"B": "y"}}}}
    assert template_facts(template, "eu-west-1").conditions.get("C") is decided
    assert template_facts(template, "").conditions == {}
