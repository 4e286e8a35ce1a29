"""PutMetricAlarm's refusals of periods, statistics and actions, in templates and in calls.

The limits are from the API reference (PutMetricAlarm, Period and EvaluationPeriods), which documents only the code.
"""

from collections.abc import Mapping
from typing import Any, Final

from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import property_rules

_SHORT_PERIODS: Final = (10, 20, 30)
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3_600, 86_400, 604_800


def broken_rule(alarm: Mapping[str, Any]) -> str | None:
    """The error in an alarm, as a message for the caller; None if there is none."""
    evaluated, needed = _number(alarm.get("EvaluationPeriods")), _number(alarm.get("DatapointsToAlarm"))
    if needed and evaluated and needed > evaluated:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods"  # terraform #24070
    for period in _periods(alarm):
        if period % _MINUTE and period not in _SHORT_PERIODS:
            return f"The period {period} is none of 10, 20, 30 and the multiples of 60 seconds."
        most = _DAY if period < _HOUR else _WEEK
        if evaluated and evaluated * period > most:
            return f"Metrics cannot be checked over more than {most} seconds (EvaluationPeriods * Period)."
    try:
        property_rules.check("metric alarm", alarm)
    except Refusal as refusal:
        return refusal.message
    return None


def _periods(alarm: Mapping[str, Any]) -> tuple[int, ...]:
    single = _number(alarm.get("Period"))
    queries = alarm.get("Metrics") or []
    found = [single, *(_number((query.get("MetricStat") or {}).get("Period")) for query in queries)]
    return tuple(period for period in found if period)


def _number(value: object) -> int | None:
    """A number that templates may write as text."""
    return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()) else None
