"""Log events: rejected if too old, too new or out of order, and counted by metric filters.

Source: API reference, PutLogEvents, and its RejectedLogEventsInfo. The emulator never uses the metric filters.
"""

import json
import time
from itertools import pairwise
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.filter_pattern import PatternError, compile_pattern, select_by
from embedded_aws.core.context import JsonValue
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal

_DAY: Final = 86_400_000
_OLDEST: Final = 14 * _DAY
_NEWEST: Final = 2 * 3_600_000
_TOO_OLD: Final = "tooOldLogEventEndIndex"
_TOO_NEW: Final = "tooNewLogEventStartIndex"


def install() -> None:
    """Count lines as they arrive, without the rejected ones."""
    emulator.put_metric_filter.wrap(_put_filter)
    emulator.put_log_events.wrap(_put_lines)
    emulator.put_log_events.wrap(_put_log_events)
    # Searches use the patterns of metric filters.
    emulator.compile_filter_pattern.wrap(lambda _original, pattern: compile_pattern(pattern or ""))


def check_order(request: dict[str, Any]) -> None:
    """Refuse events that are not sorted by time, or that span more than a day."""
    times = [int(event["timestamp"]) for event in request.get("logEvents") or []]
    if any(later < earlier for earlier, later in pairwise(times)):
        message = "Log events in a single PutLogEvents request must be in chronological order."
        raise Refusal("CloudWatchLogs", "InvalidParameterException", message)
    taken = [it for it in times if _rejection(it, _now()) is None]
    if taken and taken[-1] - taken[0] > _DAY:
        message = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        raise Refusal("CloudWatchLogs", "InvalidParameterException", message)


def _now() -> int:
    return int(time.time() * 1000)


def _rejection(moment: int, now: int) -> str | None:
    if moment < now - _OLDEST:
        return _TOO_OLD
    return _TOO_NEW if moment > now + _NEWEST else None


def _put_log_events(original: Original, request: dict[str, Any]) -> Response:
    now = _now()
    events = request.get("logEvents") or []
    reasons = [_rejection(int(event.get("timestamp", now)), now) for event in events]
    if not any(reasons):
        return original(request)
    taken = [event for event, reason in zip(events, reasons, strict=True) if reason is None]
    status, headers, body = original(request | {"logEvents": taken})
    rejected = {}
    if old := sum(reason == _TOO_OLD for reason in reasons):
        rejected[_TOO_OLD] = old
    if _TOO_NEW in reasons:
        rejected[_TOO_NEW] = reasons.index(_TOO_NEW)
    content = json.loads(body) | {"rejectedLogEventsInfo": rejected}
    return status, headers, json.dumps(content).encode()


def _put_filter(original: Original, request: dict[str, Any]) -> Response:
    try:
        compile_pattern(request.get("filterPattern") or "")
    except PatternError as error:
        message = f"Invalid metric filter pattern: {error}"
        return Refusal("CloudWatchLogs", "InvalidParameterException", message).as_json()
    return original(request)


def _put_lines(original: Original, request: dict[str, Any]) -> Response:
    response = original(request)
    if response[0] < 400:
        _count(request["logGroupName"], request.get("logEvents") or [])
    return response


def _count(group: str, lines: list[dict[str, Any]]) -> None:
    counted = False
    for (of_group, _name), metric_filter in emulator.metric_filters.items():
        if of_group == group:
            matches = compile_pattern(metric_filter["filterPattern"])
            for line in lines:
                if matches(line["message"]):
                    counted = True
                    _publish(metric_filter, line)
    if counted:
        emulator.evaluate_all_alarms()


def _publish(metric_filter: dict[str, Any], line: dict[str, Any]) -> None:
    for transformation in metric_filter["metricTransformations"]:
        message, selectors = line["message"], transformation.get("dimensions") or {}
        value = _number(transformation["metricValue"], message)
        if value is None:
            continue
        emulator.store_datum(
            transformation["metricNamespace"],
            transformation["metricName"],
            {name: str(_field(selector, message) or "") for name, selector in selectors.items()},
            line["timestamp"] / 1000,
            transformation.get("unit") or "None",
            value,
            None,
            None,
            None,
        )


def _number(text: str, message: str) -> float | None:
    found = _field(text, message) if text.startswith("$") else text
    try:
        return float(str(found))
    except ValueError:
        return None


def _field(selector: str, message: str) -> JsonValue:
    try:
        return next(iter(select_by(selector)(json.loads(message))), None)
    except ValueError:
        return None
