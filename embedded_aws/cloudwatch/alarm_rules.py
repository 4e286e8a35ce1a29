"""What PutMetricAlarm refuses about periods, statistics and actions, from templates and from calls.

The lengths are those of the API reference (PutMetricAlarm, Period and EvaluationPeriods), which names the code only.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_PERCENTILE: Final = re.compile(
    r"p(\d{1,2}(\.\d{0,10})?|100)|(tm|tc|ts|wm|tn)(\d{1,2}(\.\d{0,10})?)|iqm|(PR|TM|TC|TS|WM)\(.+\)", re.IGNORECASE
)
_MISSING: Final = ("breaching", "notBreaching", "ignore", "missing")
_ACTIONS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")
_MOST_ACTIONS: Final = 5
_SHORT_PERIODS: Final = (10, 20, 30)
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3_600, 86_400, 604_800


def broken_rule(alarm: Mapping[str, Any]) -> str | None:
    """What is wrong about an alarm, in words for the caller; None where nothing is."""
    evaluated, needed = _number(alarm.get("EvaluationPeriods")), _number(alarm.get("DatapointsToAlarm"))
    if needed and evaluated and needed > evaluated:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods"  # terraform #24070
    for period in _periods(alarm):
        if period % _MINUTE and period not in _SHORT_PERIODS:
            return f"The period {period} is none of 10, 20, 30 and the multiples of 60 seconds."
        most = _DAY if period < _HOUR else _WEEK
        if evaluated and evaluated * period > most:
            return f"Metrics cannot be checked over more than {most} seconds (EvaluationPeriods * Period)."
    return next(_wrong_values(alarm), None)


def _wrong_values(alarm: Mapping[str, Any]) -> Iterator[str]:
    """Of these only the code is documented, but for an action's."""
    missing, statistic = alarm.get("TreatMissingData"), alarm.get("ExtendedStatistic")
    if missing and missing not in _MISSING:
        yield f"The value {missing} for TreatMissingData is none of {', '.join(_MISSING)}."
    if statistic and not _PERCENTILE.fullmatch(str(statistic)):
        yield f"The value {statistic} for parameter ExtendedStatistic is not supported."
    if alarm.get("MetricName") and bool(statistic) == bool(alarm.get("Statistic")):
        yield "An alarm on a metric needs either Statistic or ExtendedStatistic."
    if alarm.get("Threshold") is None and not alarm.get("ThresholdMetricId"):
        yield "An alarm needs a Threshold or a ThresholdMetricId."
    for actions in (alarm.get(name) or [] for name in _ACTIONS):
        if len(actions) > _MOST_ACTIONS:
            yield f"An alarm has at most {_MOST_ACTIONS} actions for a state."
        yield from (f"Invalid arn syntax: {it}" for it in actions if not str(it).startswith("arn:"))


def _periods(alarm: Mapping[str, Any]) -> tuple[int, ...]:
    single = _number(alarm.get("Period"))
    queries = alarm.get("Metrics") or []
    found = [single, *(_number((query.get("MetricStat") or {}).get("Period")) for query in queries)]
    return tuple(period for period in found if period)


def _number(value: object) -> int | None:
    """Templates may write numbers as texts."""
    return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()) else None
