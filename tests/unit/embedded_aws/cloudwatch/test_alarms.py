"""How alarms of the embedded AWS are evaluated."""

import pytest

from embedded_aws.cloudwatch.alarms import evaluate_alarm
from embedded_aws.cloudwatch.metric_math import Value


@pytest.mark.parametrize(
    ("values", "missing", "state"),
    [
        ([5.0, 5.0], "missing", "ALARM"),
        ([5.0, 4.0], "missing", "OK"),
        ([5.0, None], "missing", "OK"),
        ([None, None], "missing", "INSUFFICIENT_DATA"),
        ([None, None], "ignore", None),
        ([None, None], "notBreaching", "OK"),
        ([None, None], "breaching", "ALARM"),
        ([5.0, None], "breaching", "ALARM"),
    ],
)
def test_missing_data_counts_as_the_alarm_says(values: list[Value], missing: str, state: str | None) -> None:
    alarm = {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 2,
        "Threshold": 5.0,
        "TreatMissingData": missing,
    }
    assert evaluate_alarm(alarm, values) == state


def test_some_periods_may_be_enough() -> None:
    alarm = {"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 1}
    assert evaluate_alarm(alarm, [0.0, 2.0, 0.0]) == "ALARM"
    assert evaluate_alarm(alarm, [0.0, 2.0, 2.0]) == "OK"
