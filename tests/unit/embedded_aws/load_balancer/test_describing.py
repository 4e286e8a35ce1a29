"""Conditions of rules: as they are written, and the requests that they match."""

from typing import Any

import pytest

from embedded_aws.load_balancer.describing import condition_xml, match_condition


def test_values_of_conditions_are_escaped_whatever_a_template_gave() -> None:
    condition = {"Field": "path-pattern", "Values": ["a&b", 5]}
    assert condition_xml(lambda it: it["Values"], condition) == "['a&amp;b', '5']"


def test_a_query_string_is_written_as_pairs() -> None:
    condition = {"Field": "query-string", "Values": [{"Key": "a", "Value": "<"}, {"Value": "b"}]}
    pairs = "<member><Key>a</Key><Value>&lt;</Value></member><member><Value>b</Value></member>"
    written = f"<QueryStringConfig><Values>{pairs}</Values></QueryStringConfig>"
    assert condition_xml(str, condition) == f"<member><Field>query-string</Field>{written}</member>"


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"v": ["12"]}, True),
        ({"V": ["0", "1"]}, True),
        ({"v": ["21"]}, False),
        ({"other": ["BETA"]}, True),
        ({"other": ["A*b"]}, True),
        ({"other": ["a-b"]}, False),
        ({}, False),
    ],
)
def test_any_pair_of_a_query_string_matches(query: dict[str, list[str]], matches: bool) -> None:
    values = [{"Key": "v", "Value": "1*"}, {"Value": "beta"}, {"Value": r"a\*b"}]
    condition: dict[str, Any] = {"Field": "query-string", "Values": values}
    assert match_condition(lambda *_: not matches, condition, "GET", "/", {}, query) is matches
