"""Budgets that are spent too fast: two windows each, one alarm that tells."""

from installation.objective_settings import LONG_MINUTES, SHORT_MINUTES
from installation.settings_file import load_settings
from tests.support.compute_stack import Variant, every_variant
from tests.unit.constructs_lib.compute.test_alarms import ALARM

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
OBJECTIVES = ("availability", "latency")


@every_variant
def test_only_both_windows_together_tell(variant: Variant) -> None:
    compute = variant()
    windows = {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for resource in compute.of_type(ALARM).values()
        if resource["Properties"]["AlarmName"].startswith(compute.names.window_alarms)
    }
    lengths = (SHORT_MINUTES, LONG_MINUTES)
    assert set(windows) == {compute.names.window_alarm(it, minutes) for it in OBJECTIVES for minutes in lengths}
    limits = load_settings("dev").objectives
    for name, window in windows.items():
        assert "AlarmActions" not in window
        assert window["TreatMissingData"] == "notBreaching"
        (length,) = {query["MetricStat"]["Period"] for query in window["Metrics"] if "MetricStat" in query}
        assert name.endswith(f"-{length // 60}m")
        assert window["Threshold"] == (limits.availability_limit if "availability" in name else limits.latency_limit)
    told = [resource["Properties"] for resource in compute.of_type(COMPOSITE).values()]
    assert [it["AlarmName"] for it in told] == [compute.names.availability_alarm, compute.names.latency_alarm]
    for alarm in told:
        assert len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1
        assert " AND " in str(alarm["AlarmRule"])
