"""``Fn::Join`` inside the conditions of a template."""

import pytest

from embedded_aws.cloudformation.template_conditions import resolve_joins


@pytest.mark.parametrize(("value", "expected"), [("", ""), ("a", "a"), ("a,b", "a+b")])
def test_join_of_a_list_parameter_in_a_condition(value: str, expected: str) -> None:
    condition = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["+", {"Ref": "List"}]}]}]}

    parameters = {"List": {"Type": "CommaDelimitedList", "Value": value}}
    assert resolve_joins(condition, parameters, {}) == {"Fn::Not": [{"Fn::Equals": ["", expected]}]}


def test_join_of_texts_and_parameters_in_a_condition() -> None:
    condition = {"Fn::Equals": [{"Fn::Join": ["-", ["x", {"Ref": "One"}]]}, "x-1"]}

    parameters = {"One": {"Type": "String", "Value": "1"}}
    assert resolve_joins(condition, parameters, {}) == {"Fn::Equals": ["x-1", "x-1"]}
