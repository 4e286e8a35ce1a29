"""Filter patterns of CloudWatch Logs: the platform's own, and the parts of the language."""

import json
from typing import Any

import pytest

from embedded_aws.cloudwatch.filter_pattern import PatternError, compile_pattern

ROOT = '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        (ROOT, {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}, True),
        (ROOT, {"userIdentity": {"type": "Root", "invokedBy": "s3"}, "eventType": "AwsApiCall"}, False),
        (ROOT, {"userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"}, False),
        ("{ ($.a = iam.amazonaws.com) && (($.b = X) || ($.b = Y)) }", {"a": "iam.amazonaws.com", "b": "Y"}, True),
        ("{ ($.a = iam.amazonaws.com) && (($.b = X) || ($.b = Y)) }", {"a": "iam.amazonaws.com", "b": "Z"}, False),
        ("{ $.a = 1 || $.b = 1 && $.c = 1 }", {"a": 1}, True),
        ('{ $.a = "Access*" }', {"a": "AccessDenied"}, True),
        ('{ $.a = "Access*" }', {"a": "NoAccess"}, False),
        ("{ $.a = %^Acc.ss% }", {"a": "AccessDenied"}, True),
        ("{ $.a >= 400 }", {"a": 404}, True),
        ("{ $.a > 1.5 }", {"a": "2"}, False),
        ("{ $.a IS TRUE }", {"a": True}, True),
        ("{ $.a IS NULL }", {"a": None}, True),
        ("{ $.a IS NULL }", {}, False),
        ("{ $.a != 1 }", {}, False),
        ("{ $.list[1].b = 2 }", {"list": [{"b": 1}, {"b": 2}]}, True),
        ("{ $.list[*] = 2 }", {"list": [1, 2]}, True),
    ],
)
def test_a_pattern_judges_json(pattern: str, event: dict[str, Any], *, expected: bool) -> None:
    assert compile_pattern(pattern)(json.dumps(event)) is expected


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR timeout", "ERROR: timeout", True),
        ("ERROR -timeout", "ERROR: timeout", False),
        ('"two words"', "have two words in it", True),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "an INFO", False),
        ("%ERR.R% -%time[a-z]{0,3}%", "an ERROR here", True),
        ("%ERR.R% -%time[a-z]{0,3}%", "ERROR: timeout", False),
        (r"?%a\sb% ?100%", "it has a b in it", True),
    ],
)
def test_a_pattern_judges_text(pattern: str, line: str, *, expected: bool) -> None:
    assert compile_pattern(pattern)(line) is expected


def test_a_line_that_is_no_json_does_not_match() -> None:
    assert not compile_pattern("{ $.a = 1 }")("a = 1")


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a",
        "{ a = 1 }",
        "{ $.a ~ 1 }",
        "{ $.a = 1 } more",
        "{ $.a NOT 1 }",
        "{ $.a IS 1 }",
        "{ $.a > x }",
        "[a, b]",
        "%[%",
        "%time(out)?%",
        "%a b%",
        "%é%",
        "{ $.a = %a!% }",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
