"""Functions and pseudo parameters inside the conditions of a template."""

from typing import Any

import pytest

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.template_conditions import _write_booleans, resolve_values

PARAMETERS = {"One": {"Type": "String", "Value": "1"}, "Two": {"Type": "CommaDelimitedList", "Value": "a, b"}}
MAPPINGS = {"Sizes": {"us-east-1": {"size": "s"}}}


@pytest.mark.parametrize(("value", "expected"), [("", ""), ("a", "a"), ("a,b", "a+b")])
def test_join_of_a_list_parameter_in_a_condition(value: str, expected: str) -> None:
    condition = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["+", {"Ref": "List"}]}]}]}

    parameters = {"List": {"Type": "CommaDelimitedList", "Value": value}}
    assert resolve_values(condition, parameters, {}) == {"Fn::Not": [{"Fn::Equals": ["", expected]}]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Join": ["-", ["x", {"Ref": "One"}]]}, "x-1"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": "${AWS::Partition}-${One}"}, "aws-1"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "size"]}, "s"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "east"),
        ({"Fn::Select": ["1", {"Ref": "Two"}]}, "b"),
    ],
)
def test_a_value_in_a_condition(value: Any, expected: str) -> None:
    condition = {"Fn::And": [{"Condition": "Other"}, {"Fn::Equals": [value, expected]}]}
    resolved = {"Fn::And": [{"Condition": "Other"}, {"Fn::Equals": [expected, expected]}]}
    assert resolve_values(condition, PARAMETERS, MAPPINGS) == resolved


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Join": ["-", [True, 1, False]]}, "true-1-false"),
        ({"Fn::Join": ["-", [{"Fn::If": ["Never", 1, True]}, False]]}, "true-false"),
        ({"Fn::Sub": ["${On}-${One}", {"On": True}]}, "true-1"),
        ({"Fn::Join": ["+", {"Ref": "Two"}]}, "a+b"),
    ],
)
def test_booleans_in_texts_are_in_lower_case(value: Any, expected: str) -> None:
    conditions = {"Never": False}

    def original(value: Any, *rest: Any) -> Any:
        return emulator.resolve_references(value, *rest)

    assert _write_booleans(original, value, {}, PARAMETERS, conditions, {}, "s", "id") == expected
