"""Templates that are none, in CloudFormation's words."""

from typing import Any

import pytest

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation.template_format import (
    broken_rules,
    words,
)

TOPIC = {"Type": "AWS::SNS::Topic"}
NESTED = {"Type": "AWS::CloudFormation::Stack"}
DATABASE = {"Type": "AWS::RDS::DBInstance"}
CUSTOM = {"Type": "AWS::CloudFormation::CustomResource"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"Resources": {"A": TOPIC, "B": TOPIC | {"DependsOn": "A"}}}, None),
        ({"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "TopicArn"]}}}}, None),
        ({"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": {"Ref": "AWS::Region"}}}}, None),
        ({"Resources": {"A": NESTED}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Outputs.Any"]}}}}, None),
        ({"Resources": {"A": CUSTOM}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Any.Thing"]}}}}, None),
        ({"Resources": {"A": CUSTOM}, "Outputs": {"O": {"Value": {"Fn::GetAtt": "A.Any"}}}}, None),
        ({"Resources": {"A": TOPIC | {"DependsOn": "B"}, "Fn::Transform": {"Name": "AWS::Include"}}}, None),
        ({"Resources": {"Ref": TOPIC}, "Outputs": {"Ref": {"Value": {"Ref": "Ref"}}}}, None),
        ({"Resources": {1: TOPIC}}, None),
        ({"Resources": {"A": None}}, "Template format error: Resource A must be an object."),
        ({"Resources": {"A": TOPIC}, "Parameters": True}, "Template format error: Parameters must be an object."),
        ({"Resources": {"A": TOPIC}, "Outputs": [1]}, "Template format error: Outputs must be an object."),
        (
            {"Resources": {"A": TOPIC | {"Properties": {"TopicName": {"Fn::Sub": []}}}}},
            words().messages["Fn::Sub"],
        ),
        ({"Resources": ["A"]}, "Template format error: Resources must be an object."),
        (
            {"Resources": {"A": TOPIC | {"DependsOn": [["B"]]}}},
            "Template format error: DependsOn must be a string or list of strings.",
        ),
        (
            {
                "Resources": {"A": TOPIC | {"Condition": "C", "DeletionPolicy": "RetainExceptOnCreate"}},
                "Conditions": {"C": {"Fn::Equals": ["a", {"Ref": "P"}]}},
                "Parameters": {
                    "P": {"Type": "AWS::SSM::Parameter::Value<List<String>>"},
                    "Q": {"Type": "List<Number>"},
                    "R": {"Type": "List<String>"},
                },
                "Outputs": {"O": {"Value": {"Fn::If": ["C", {"Fn::Join": [",", {"Ref": "Q"}]}, "b"]}}},
                "AWSTemplateFormatVersion": "2010-09-09",
            },
            None,
        ),
        ({"Resources": {"A": DATABASE | {"DeletionPolicy": "Snapshot"}}}, None),
        ({"Resources": {"A": {"Type": "AWS::Redshift::Cluster", "DeletionPolicy": "Snapshot"}}}, None),
        (
            {"Resources": {"A": TOPIC | {"DeletionPolicy": "Snapshot"}}},
            "Template error: resource type AWS::SNS::Topic does not support deletion policy Snapshot",
        ),
        ({"Resources": {"A": TOPIC}, "Resource": {}}, "Invalid template property or properties [Resource]"),
        (
            {"Resources": {"A": TOPIC}, "AWSTemplateFormatVersion": "2010-09-10"},
            "Template format error: the only AWSTemplateFormatVersion is 2010-09-09.",
        ),
        (
            {"Resources": {"A": TOPIC}, "Parameters": {"P": {"Type": "Text"}}},
            "Template format error: Unrecognized parameter type: Text",
        ),
        (
            {"Resources": {"A": TOPIC | {"Condition": "C"}}},
            "Template format error: Unresolved condition dependency C in the Resources block of the template",
        ),
        (
            {"Resources": {"A": TOPIC | {"Properties": {"DisplayName": {"Fn::If": ["C", "a", "b"]}}}}},
            "Template error: unresolved condition dependency C in Fn::If",
        ),
        ({"Resources": {"A": TOPIC | {"Depends": "B"}}}, "Invalid template resource property 'Depends'"),
        (
            {"Resources": {"A": {"Properties": {}}}},
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (
            {"Resources": {"A": TOPIC}, "Conditions": {"C": {"Fn::Equals": ["a"]}}},
            "Template error: every Fn::Equals object requires a list of two string parameters.",
        ),
        (
            {"Resources": {"A": TOPIC | {"Properties": {"DisplayName": {"Fn::Join": ["a"]}}}}},
            words().messages["Fn::Join"],
        ),
        ({"Resources": {}}, "Template format error: At least one Resources member must be defined."),
        ({"Resources": {"A-b": TOPIC}}, "Template format error: Resource name A-b is non alphanumeric."),
        (
            {"Resources": {"A": TOPIC | {"DeletionPolicy": "Keep"}}},
            "Template format error: Unrecognized DeletionPolicy Keep for resource A",
        ),
        (
            {"Resources": {"A": TOPIC | {"DependsOn": ["B"], "Properties": {"TopicName": {"Fn::Sub": "${C}-x"}}}}},
            "Template format error: Unresolved resource dependencies [B, C] in the Resources block of the template",
        ),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": {"Ref": "B"}}}},
            "Template format error: Unresolved resource dependencies [B] in the Outputs block of the template",
        ),
        (
            {"Resources": {"A": TOPIC | {"DependsOn": "B"}, "B": TOPIC | {"DependsOn": "A"}}},
            "Circular dependency between resources: [A, B]",
        ),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Nope"]}}}},
            "Template error: resource A does not support attribute type Nope in Fn::GetAtt",
        ),
    ],
)
def test_templates_are_taken_or_refused_with_the_reason(template: dict[str, Any], said: str | None) -> None:
    assert next(broken_rules(template), None) == said


@pytest.mark.parametrize("asked", [[], {}, ["A"], {"a": 1}, 1, None])
def test_a_reference_is_one_name(asked: object) -> None:
    template = {"Resources": {"A": TOPIC, "B": TOPIC | {"Properties": {"TopicName": {"Ref": asked}}}}}
    assert next(broken_rules(template)) == words().messages["Ref"]


@pytest.mark.parametrize(
    "asked", ["A", "", ".x", [], ["A"], ["A", ""], ["A", "Endpoint", "Port"], [{"Ref": "A"}, "x"], 1]
)
def test_an_attribute_is_asked_by_two_names(asked: object) -> None:
    template = {"Resources": {"A": CUSTOM}, "Outputs": {"O": {"Value": {"Fn::GetAtt": asked}}}}
    assert next(broken_rules(template)) == words().messages["Fn::GetAtt"]


def test_the_short_form_of_yaml_has_two_names_also_where_dots_follow() -> None:
    text = "Resources: {A: {Type: AWS::CloudFormation::CustomResource}}\nOutputs: {O: {Value: !GetAtt A.Endpoint.Port}}"
    assert list(broken_rules(emulator.parse_template(text))) == []
