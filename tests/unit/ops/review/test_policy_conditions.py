"""Conditions are compared by what they let through, not by their words."""

import json

import pytest

from ops.review.policy_conditions import matches_condition, only_of_this_account, unmatched_request

AUD, SUB = "token:aud", "token:sub"


def text(condition: dict[str, object]) -> str:
    return json.dumps(condition, sort_keys=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"StringEquals": {SUB: "a"}}, {"StringEquals": {SUB: ["a", "b"]}}),
        ({"StringEquals": {SUB: "a"}}, {"StringLike": {SUB: "a*"}}),
        ({"StringEquals": {SUB: "a"}}, {"StringEqualsIfExists": {SUB: "a"}}),
        ({"StringEquals": {SUB: "a", AUD: "b"}}, {"StringEquals": {SUB: "a"}}),
        ({"StringNotEquals": {SUB: ["a", "b"]}}, {"StringNotEquals": {SUB: "a"}}),
        ({"StringEquals": {SUB: "a"}}, {"StringNotEquals": {SUB: "b"}}),
        ({"Bool": {"mfa": "true"}}, {"BoolIfExists": {"mfa": "true"}}),
        ({"Bool": {"mfa": "true"}}, {"Bool": {"mfa": "false"}}),
        ({"IpAddress": {"ip": "10.0.0.0/16"}}, {"IpAddress": {"ip": "10.0.0.0/8"}}),
        ({"NotIpAddress": {"ip": "10.0.0.0/8"}}, {"NotIpAddress": {"ip": "11.0.0.0/8"}}),
        ({"NumericLessThan": {"age": "60"}}, {"NumericLessThan": {"age": "3600"}}),
        ({"Null": {"key": "false"}}, {"Null": {"key": "true"}}),
        ({"DateLessThan": {"now": "2026-01-01T00:00:00Z"}}, {"DateLessThan": {"now": "2027-01-01T00:00:00Z"}}),
        ({"StringEquals": {SUB: "a"}}, {"ForAllValues:StringEquals": {SUB: "a"}}),
        ({"ForAllValues:StringEquals": {SUB: "a"}}, {"ForAnyValue:StringEquals": {SUB: "a"}}),
        ({"StringEquals": {SUB: "a"}}, {"StringEqualsIgnoreCase": {SUB: "a"}}),
    ],
)
def test_a_looser_condition_lets_a_request_through(before: dict[str, object], after: dict[str, object]) -> None:
    request = unmatched_request((text(before),), text(after))
    assert request is not None
    assert matches_condition(text(after), request)
    assert not matches_condition(text(before), request)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"StringEquals": {SUB: ["a", "b"]}}, {"StringEquals": {SUB: "a"}}),
        ({"StringLike": {SUB: "repo:*"}}, {"StringEquals": {SUB: "repo:x"}}),
        ({"StringEquals": {SUB: "a"}}, {"StringEquals": {SUB: "a", AUD: "b"}}),
        ({"StringNotEquals": {SUB: "a"}}, {"StringNotEquals": {SUB: ["a", "b"]}}),
        ({"IpAddress": {"ip": "10.0.0.0/8"}}, {"IpAddress": {"ip": "10.1.0.0/16"}}),
        ({"StringEquals": {SUB: "a"}}, {"StringEquals": {SUB: ["a"]}}),
        ({"Bool": {"mfa": "true"}}, {"Bool": {"mfa": True}}),
        ({"ForAnyValue:StringEquals": {SUB: ["a", "b"]}}, {"ForAnyValue:StringEquals": {SUB: "b"}}),
        ({"StringEquals": {SUB: "${AWS::AccountId}"}}, {"StringEqualsIgnoreCase": {SUB: "${AWS::AccountId}"}}),
    ],
)
def test_a_stricter_or_equal_condition_lets_nothing_more_through(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert unmatched_request((text(before),), text(after)) is None


def test_no_condition_is_the_loosest() -> None:
    assert unmatched_request((text({"Bool": {"mfa": "true"}}),), "") is not None
    assert unmatched_request(("",), text({"Bool": {"mfa": "true"}})) is None


@pytest.mark.parametrize(
    ("value", "own"),
    [
        ("${ComputeStack/Feed}", True),
        ("${ComputeStack/Feed.TopicArn}", True),
        ("${NetworkStack.VpcId}", True),
        ("${ComputeStack/Lookup.Account}", False),
        ("${Partner}", False),
    ],
)
def test_what_the_templates_make_is_of_this_account(value: str, *, own: bool) -> None:
    assert only_of_this_account(text({"ArnLike": {"aws:SourceArn": value}})) == own
