"""What CloudWatch refuses about an alarm's periods and values."""

from typing import Any

import pytest

from embedded_aws.cloudwatch.refusals import broken_rule

BAND = {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(a)"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"Period": "300", "EvaluationPeriods": "288"}, None),
        ({"Period": 3600, "EvaluationPeriods": 72}, None),
        ({"Period": 30}, None),
        ({"Period": 45}, "none of 10, 20, 30"),
        ({"Period": 300, "EvaluationPeriods": 289}, "more than 86400 seconds"),
        ({"Period": 86_400, "EvaluationPeriods": 8}, "more than 604800 seconds"),
        ({"DatapointsToAlarm": 4}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        (
            {"Period": None, "Metrics": [{"Id": "a", "MetricStat": {"Period": 61}}]},
            "61",
        ),
        ({"Threshold": None, "ThresholdMetricId": "band"}, None),
        ({"Threshold": None, "ThresholdMetricId": "b", "Metrics": [{"Id": "a", "Expression": "1"}, BAND]}, None),
        ({"Threshold": None}, "Threshold"),
        ({"MetricName": "m"}, "Statistic"),
        ({"MetricName": "m", "Statistic": "Sum"}, None),
        ({"MetricName": "m", "ExtendedStatistic": "p99.9"}, None),
        ({"MetricName": "m", "ExtendedStatistic": "p101"}, "p101"),
        ({"TreatMissingData": "zero"}, "zero"),
        ({"AlarmActions": ["foo"]}, "Invalid arn syntax: foo"),
        ({"OKActions": ["arn:aws:sns:x:1:t"] * 6}, "at most 5 actions"),
        ({"OKActions": ["arn:aws:sns:us-west-2:000000000000:t"]}, "Invalid region us-west-2 specified. Only "),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly detection"),
        ({"Metrics": [{"Id": "a", "Expression": "1"}, {"Id": "b", "Expression": "a"}]}, "exactly one metric"),
        ({"Metrics": [{"Id": "a", "Expression": "1", "MetricStat": {"Period": 60, "Stat": "Sum"}}]}, "Exactly one of"),
        ({"Metrics": [{"Id": "a", "MetricStat": {"Period": 60, "Stat": "Mean"}}]}, "Mean for parameter Stat"),
        ({"Metrics": [{"Id": "a", "MetricStat": {"Period": 60, "Stat": "PR(:2)"}}]}, None),
    ],
)
def test_alarm_rules_are_taken_or_refused(change: dict[str, Any], reason: str | None) -> None:
    found = broken_rule({"Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 1} | change)
    assert (found is None) == (reason is None)
    assert (reason or "") in (found or "")
