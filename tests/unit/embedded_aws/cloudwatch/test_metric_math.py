"""Metric math of the embedded AWS: the expressions of the platform's alarms, and what has no value."""

import pytest

from embedded_aws.cloudwatch.metric_math import MathError, Value, evaluate

SHARE = "MAX([IF(FILL(b, 0) >= 20, 100 * FILL(e, 0) / FILL(b, 1), 0), IF(FILL(g, 0) >= 20, 100, 0)])"


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("FILL(own, 0) + FILL(targets, 0)", {"own": None, "targets": 7.0}, 7.0),
        ("own + targets", {"own": None, "targets": 7.0}, 7.0),
        ("own + targets", {"own": None, "targets": None}, None),
        ("targets / own", {"own": None, "targets": 7.0}, None),
        ("own + 1", {"own": None}, None),
        ("own < targets", {"own": None, "targets": 7.0}, 1.0),
        ("own < 1", {"own": None}, None),
        (SHARE, {"b": 40.0, "e": 10.0, "g": None}, 25.0),
        (SHARE, {"b": 19.0, "e": 19.0, "g": None}, 0.0),
        (SHARE, {"b": 40.0, "e": None, "g": 20.0}, 100.0),
        ("IF(a > 1 && a < 3, 5, 6)", {"a": 2.0}, 5.0),
        ("IF(a > 1 AND (a == 1), 5)", {"a": 2.0}, None),
        ("-2 ^ 2 + a / 4", {"a": 2.0}, -3.5),
        ("1 / a", {"a": 0.0}, None),
        ("a ^ -1", {"a": 0.0}, None),
        ("a ^ 400", {"a": 10.0}, None),
        ("a ^ 0.5", {"a": -1.0}, None),
        ("AVG([a, b, c])", {"a": 1.0, "b": 3.0, "c": None}, 2.0),
        ("SUM([a])", {"a": None}, None),
        ("CEIL(a) + FLOOR(a) + ABS(-1)", {"a": 1.5}, 4.0),
        ("CEIL(a * 10)", {"a": 1e308}, None),
        ("FLOOR(0 - SUM([a, a]))", {"a": 1.7e308}, None),
        ("FLOOR(1e999)", {}, None),
        ("CEIL(a)", {"a": float("inf")}, None),
    ],
)
def test_an_expression_has_its_value(expression: str, values: dict[str, Value], expected: Value) -> None:
    assert evaluate(expression, values) == expected


@pytest.mark.parametrize("expression", ["a +", "unknown", "RATE(a)", "a.b", "a % 2", "__import__('os')", "MAX(a)"])
def test_what_is_not_emulated_is_refused(expression: str) -> None:
    with pytest.raises(MathError):
        evaluate(expression, {"a": 1.0})
