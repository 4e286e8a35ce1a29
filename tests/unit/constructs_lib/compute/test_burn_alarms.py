"""Budgets that are spent too fast: two windows each, one alarm that tells."""

from installation.settings.file import load_settings
from installation.settings.objectives import LONG_MINUTES, SHORT_MINUTES
from tests.support.compute_stack import Variant, every_variant
from tests.unit.constructs_lib.compute.test_alarms import ALARM

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


@every_variant
def test_only_both_windows_together_tell(variant: Variant) -> None:
    compute = variant()
    windows = {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for resource in compute.of_type(ALARM).values()
        if resource["Properties"]["AlarmName"].startswith(compute.names.window_alarms)
    }
    lengths = (SHORT_MINUTES, LONG_MINUTES)
    assert set(windows) == {compute.names.window_alarm("availability", minutes) for minutes in lengths}
    limits = load_settings("dev").objectives
    for name, window in windows.items():
        assert "AlarmActions" not in window
        assert window["TreatMissingData"] == "notBreaching"
        (length,) = {query["MetricStat"]["Period"] for query in window["Metrics"] if "MetricStat" in query}
        assert name.endswith(f"-{length // 60}m")
        assert window["Threshold"] == limits.availability_limit
    told = [resource["Properties"] for resource in compute.of_type(COMPOSITE).values()]
    assert [it["AlarmName"] for it in told] == [compute.names.availability_alarm]
    for alarm in told:
        assert len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1
        assert " AND " in str(alarm["AlarmRule"])


@every_variant
def test_what_is_slow_is_heard_after_two_windows(variant: Variant) -> None:
    compute = variant()
    alarm = compute.properties(ALARM, AlarmName=compute.names.latency_alarm)
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (2, 2)
    assert alarm["Metrics"][1]["MetricStat"]["Period"] == SHORT_MINUTES * 60
    assert alarm["Threshold"] == load_settings("dev").objectives.latency_limit
    assert len(alarm["AlarmActions"]) == 1
