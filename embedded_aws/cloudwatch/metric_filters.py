"""Metric filters, which turn log lines into data of a metric."""

import json
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.filter_pattern import Matcher, PatternError, compile_pattern, select_by
from embedded_aws.core.context import JsonValue
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.core.refusal import Refusal

_SERVICE: Final = "CloudWatchLogs"


def install() -> None:
    """Count lines as they arrive; the emulator stores filters and never uses them."""
    emulator.put_metric_filter.wrap(_put_filter)
    emulator.put_log_events.wrap(_put_lines)
    emulator.compile_filter_pattern.wrap(_compile_for_search)


def _put_filter(original: Original, request: dict[str, Any]) -> Response:
    try:
        compile_pattern(request.get("filterPattern") or "")
    except PatternError as error:
        return Refusal(_SERVICE, "InvalidParameterException", f"Invalid metric filter pattern: {error}").as_json()
    return original(request)


def _compile_for_search(_original: Function, pattern: str | None) -> Matcher:
    """Search log lines with the patterns of metric filters."""
    return compile_pattern(pattern or "")


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
