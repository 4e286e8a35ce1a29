"""How an alarm on one metric is judged: by its own dimensions, period after period, and without data as it says.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html. An alarm on an expression keeps
the state that it is given by ``SetAlarmState``.
"""

import asyncio
import operator
import time
from collections.abc import Callable
from typing import Any, Final

from ministack.services import cloudwatch

from embedded_aws.patching import Function, wrap

Alarm = dict[str, Any]

_SECONDS_BETWEEN_EVALUATIONS: Final = 60.0
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class AlarmEvaluation:
    """Judges alarms when data arrives, and every minute, because data that stays away says something too."""

    def __init__(self, clock_factor: float) -> None:
        """Take how many seconds pass here for each real one."""
        self._clock_factor = clock_factor
        self._held_until: dict[str, float] = {}

    def install(self) -> None:
        """Judge in place of the emulator, which looks at all dimensions together and never at missing data."""
        wrap(cloudwatch, "_evaluate_alarm", self._evaluate)
        wrap(cloudwatch, "_set_alarm_state", self._set_state)

    async def run(self) -> None:
        """Evaluate every minute of the emulated clock, until cancelled."""
        while True:
            await asyncio.sleep(max(1.0, _SECONDS_BETWEEN_EVALUATIONS / self._clock_factor))
            cloudwatch._evaluate_all_alarms()  # noqa: SLF001

    def _set_state(self, original: Function, parameters: dict[str, Any], cbor: dict[str, Any], *rest: Any) -> Any:
        """Leave a state that somebody set for a minute, which is when AWS would evaluate again."""
        name = (cbor or {}).get("AlarmName") or cloudwatch._p(parameters, "AlarmName")  # noqa: SLF001
        self._held_until[name] = time.monotonic() + _SECONDS_BETWEEN_EVALUATIONS / self._clock_factor
        return original(parameters, cbor, *rest)

    def _evaluate(self, _original: Function, alarm: Alarm) -> None:
        if not alarm.get("MetricName") or self._held_until.get(alarm["AlarmName"], 0.0) > time.monotonic():
            return
        values = self._values(alarm)
        state = judge(alarm, values)
        if state is None or state == alarm["StateValue"]:
            return
        before, reason = alarm["StateValue"], _reason(alarm, state, values)
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
        cloudwatch._record_history(alarm["AlarmName"], before, state, reason)  # noqa: SLF001
        cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)  # noqa: SLF001
        cloudwatch._evaluate_parent_alarms(alarm)  # noqa: SLF001

    def _values(self, alarm: Alarm) -> list[float | None]:
        """Give the statistic of each period, the latest first; none where a period has no data."""
        dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])  # noqa: SLF001
        key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))  # noqa: SLF001
        points = cloudwatch._metrics.get(key) or []  # noqa: SLF001
        period = float(alarm.get("Period") or 60) / self._clock_factor
        now = time.time()
        values: list[float | None] = []
        for number in range(int(alarm.get("EvaluationPeriods") or 1)):
            last = now - number * period
            chosen = [point for point in points if last - period < point["Timestamp"] <= last]
            values.append(_statistic(alarm, chosen))
        return values


def _statistic(alarm: Alarm, points: list[dict[str, Any]]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)  # noqa: SLF001
    return value


def judge(alarm: Alarm, values: list[float | None]) -> str | None:
    """Say which state an alarm has by the values of its periods; none if it keeps the one it has."""
    compare = _COMPARISONS.get(alarm.get("ComparisonOperator") or "")
    if compare is None:
        return None
    missing = alarm.get("TreatMissingData") or "missing"
    present = [value for value in values if value is not None]
    if not present and missing in {"missing", "ignore"}:
        return "INSUFFICIENT_DATA" if missing == "missing" else None
    breaching = sum(compare(value, float(alarm["Threshold"])) for value in present)
    if missing == "breaching":
        breaching += len(values) - len(present)
    needed = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1)
    return "ALARM" if breaching >= needed else "OK"


def _reason(alarm: Alarm, state: str, values: list[float | None]) -> str:
    shown = ", ".join("no data" if value is None else f"{value:g}" for value in values)
    comparison, threshold = alarm.get("ComparisonOperator"), alarm.get("Threshold")
    return f"Threshold Crossed: {state} by [{shown}], {comparison} {threshold}"
