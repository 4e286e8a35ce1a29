"""How alarms of the embedded AWS are evaluated."""

from unittest.mock import Mock

import pytest

from embedded_aws.cloudwatch.alarms import AlarmEvaluation, evaluate_alarm
from embedded_aws.cloudwatch.metric_math import Value
from embedded_aws.core.faults import Fault, Faults


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


def test_an_alarm_keeps_its_state_while_a_fault_says_so() -> None:
    faults = Faults()
    fault = Fault(kind="alarm_stays", pattern="held")
    evaluation = AlarmEvaluation(60.0, faults)
    alarm = {
        "AlarmName": "held",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "m",
        "Namespace": "n",
        "StateValue": "ALARM",
        "Threshold": 1.0,
        "TreatMissingData": "notBreaching",
    }
    states = []
    faults.inject(fault)
    evaluation._evaluate(Mock(), alarm)
    states.append(alarm["StateValue"])
    faults.end(fault)
    evaluation._evaluate(Mock(), alarm)
    states.append(alarm["StateValue"])
    assert states == ["ALARM", "OK"]
