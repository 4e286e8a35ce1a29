"""Leaves are the smallest places that differ; what CloudFormation takes for equal is none."""

from typing import Any

import pytest

from ops.templates.differences import leaves
from ops.templates.forms import one_form


def places(old: Any, new: Any) -> list[str]:
    return ["/".join(leaf.path) for leaf in leaves(one_form(old, {}), one_form(new, {}))]


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
        ({"A": '{"x": 1}'}, {"A": '{"x":1}'}),
    ],
)
def test_equal_values_in_another_form_do_not_differ(old: Any, new: Any) -> None:
    assert places(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ({"A": {"B": 1, "C": 1}}, {"A": {"B": 2, "C": 1}}, ["A/B"]),
        ({"Command": ["a", "b"]}, {"Command": ["b", "a"]}, ["Command/0", "Command/1"]),
        ({"A": [{"Name": "x", "V": 1}]}, {"A": [{"Name": "x", "V": 2}]}, ["A/Name=x/V"]),
        ({"A": [{"Name": "x"}]}, {"A": [{"Name": "x"}, {"Name": "y"}]}, ["A/Name=y"]),
        ({"A": '{"x": 1}'}, {"A": '{"x": 2}'}, ["A/x"]),
        ({"A": {"Fn::Sub": "${!Literal}"}}, {"A": {"Fn::Sub": "${Literal}"}}, ["A"]),
    ],
)
def test_the_smallest_place_that_differs_is_named(old: Any, new: Any, where: list[str]) -> None:
    assert places(old, new) == where
