"""Evaluates alarms: by their dimensions or expression, for several periods, and with their treatment of missing data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import operator
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.metric_math import Value, evaluate
from embedded_aws.core.faults import Faults
from embedded_aws.core.patching import Function

Alarm = dict[str, Any]

_SECONDS_BETWEEN_EVALUATIONS: Final = 60.0
_TIMESTAMP: Final = operator.itemgetter("Timestamp")
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class Standstills:
    """Finds the periods in which `look` was not called, although it is called regularly: the machine was suspended.

    Its sources of data were too, so missing data means nothing.
    """

    def __init__(self, interval: float) -> None:
        """``interval``: the longest time in seconds between two calls of `look` on a running machine."""
        self._most = interval + max(1.0, interval / 2)  # on a busy machine, each call is a little late
        self._looked_at = time.time()
        self._found: deque[tuple[float, float]] = deque(maxlen=100)

    def look(self) -> None:
        """Record that the machine runs."""
        before, self._looked_at = self._looked_at, time.time()
        # The allowed time counts as running: if all calls are late, the clock is slow, but it does not stop.
        if self._looked_at - before > self._most:
            self._found.append((before + self._most, self._looked_at))

    def before_now(self, seconds: float) -> float:
        """The time so many seconds ago, without counting suspended periods."""
        moment = time.time() - seconds
        for began, ended in reversed(self._found):
            if moment >= ended:
                break
            moment -= ended - began
        return moment


class AlarmEvaluation:
    """Evaluates alarms when data arrives, and every minute, because missing data may change their state as well."""

    def __init__(self, clock_factor: float, faults: Faults) -> None:
        """``clock_factor``: emulated seconds for each real one."""
        self._clock_factor = clock_factor
        self._faults = faults
        self._held_until: dict[str, float] = {}
        self._first_seen: dict[str, float] = {}
        self._standstills = Standstills(max(1.0, _SECONDS_BETWEEN_EVALUATIONS / clock_factor))

    def install(self) -> None:
        """Evaluate in place of the emulator, which combines all dimensions and ignores missing data."""
        emulator.evaluate_alarm.wrap(self._evaluate)
        emulator.set_alarm_state.wrap(self._set_state)
        emulator.store_datum.wrap(_insert_sorted)

    async def evaluate_all(self) -> None:
        """Evaluate all alarms now."""
        self._standstills.look()  # also if there is no alarm yet
        emulator.evaluate_all_alarms()

    def _set_state(
        self, original: Function, parameters: dict[str, Any], cbor: dict[str, Any], *rest: Any, **more: Any
    ) -> Any:
        """For a minute, keep a state that a call has set: only then would AWS evaluate again."""
        name = (cbor or {}).get("AlarmName") or emulator.parameter(parameters, "AlarmName")
        self._held_until[name] = time.monotonic() + _SECONDS_BETWEEN_EVALUATIONS / self._clock_factor
        return original(parameters, cbor, *rest, **more)

    def _evaluate(self, _original: Function, alarm: Alarm) -> None:
        self._standstills.look()
        watches = alarm.get("MetricName") or alarm.get("Metrics")
        name = alarm["AlarmName"]
        if not watches or self._held_until.get(name, 0.0) > time.monotonic() or self._faults.find("alarm_stays", name):
            return
        values = self._values(alarm)
        if self._too_new(alarm, values):
            return
        state = evaluate_alarm(alarm, values)
        if state is None or state == alarm["StateValue"]:
            return
        before, reason = alarm["StateValue"], _reason(alarm, state, values)
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
        emulator.record_history(alarm["AlarmName"], before, state, reason)
        emulator.dispatch_alarm_actions(alarm, before, state, reason)
        emulator.evaluate_parent_alarms(alarm)

    def _too_new(self, alarm: Alarm, values: list[Value]) -> bool:
        """Whether the first data for a new alarm may still arrive.

        AWS evaluates once a minute. Here, any data starts the evaluation of all alarms, even before a minute is over.
        """
        name, now = alarm["AlarmName"], time.monotonic()
        if alarm["StateValue"] != "INSUFFICIENT_DATA" or any(values):
            self._first_seen.pop(name, None)
            return False
        if alarm.get("TreatMissingData") != "breaching":
            return False
        wait = 2 * _SECONDS_BETWEEN_EVALUATIONS / self._clock_factor + 1.0
        return now < self._first_seen.setdefault(name, now) + wait

    def _values(self, alarm: Alarm) -> list[Value]:
        """The value of each period, the latest first; None for a period without data."""
        period = _period_seconds(alarm) / self._clock_factor
        periods = range(int(alarm.get("EvaluationPeriods") or 1) + 1)
        moments = pairwise(self._standstills.before_now(number * period) for number in periods)
        if not alarm.get("Metrics"):
            statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
            return [value_of_metric(alarm, statistic, first, last) for last, first in moments]
        return [value_of_queries(alarm["Metrics"], first, last) for last, first in moments]


def _insert_sorted(original: Function, namespace: str, name: str, dimensions: dict[str, str], *rest: Any) -> None:
    """Keep the data of a metric sorted by time, so that its last minute is found without reading the rest."""
    key = (namespace, name, emulator.dimensions_key(dimensions))
    before = len(emulator.metrics.get(key) or [])
    original(namespace, name, dimensions, *rest)
    points = emulator.metrics[key]
    if before and points[before - 1]["Timestamp"] > points[-1]["Timestamp"]:
        points.sort(key=_TIMESTAMP)


def _period_seconds(alarm: Alarm) -> float:
    periods = [query["MetricStat"]["Period"] for query in alarm.get("Metrics") or [] if "MetricStat" in query]
    return float(max(periods) if periods else alarm.get("Period") or _SECONDS_BETWEEN_EVALUATIONS)


def value_of_metric(metric: dict[str, Any], statistic: str, start: float, end: float) -> Value:
    """A metric's statistic between two moments; None without data."""
    dimensions = emulator.dimensions_of(metric.get("Dimensions") or [])
    key = (metric["Namespace"], metric["MetricName"], emulator.dimensions_key(dimensions))
    stored = emulator.metrics.get(key) or []
    begin = bisect_right(stored, start, key=_TIMESTAMP)
    points = stored[begin : bisect_right(stored, end, lo=begin, key=_TIMESTAMP)]
    if not points:
        return None
    return emulator.statistic_value(emulator.statistics(points), statistic, points)


def value_of_queries(queries: list[dict[str, Any]], start: float, end: float) -> Value:
    """Compute the only query of an alarm that returns data; expressions may use earlier queries."""
    values: dict[str, Value] = {}
    for query in queries:
        if (stat := query.get("MetricStat")) is not None:
            values[query["Id"]] = value_of_metric(stat["Metric"], stat["Stat"], start, end)
    result: Value = None
    for query in queries:
        if "Expression" in query:
            values[query["Id"]] = evaluate(query["Expression"], values)
        if query["ReturnData"]:
            result = values[query["Id"]]
    return result


def evaluate_alarm(alarm: Alarm, values: list[Value]) -> str | None:
    """The state of an alarm for the values of its periods; None if it keeps its state."""
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


def _reason(alarm: Alarm, state: str, values: list[Value]) -> str:
    shown = ", ".join("no data" if value is None else f"{value:g}" for value in values)
    comparison, threshold = alarm.get("ComparisonOperator"), alarm.get("Threshold")
    return f"Threshold Crossed: {state} by [{shown}], {comparison} {threshold}"
