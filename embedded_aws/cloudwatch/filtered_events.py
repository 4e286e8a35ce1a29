"""FilterLogEvents with pages, and for streams with a common prefix; the emulator supports neither.

Sources: CloudWatch Logs API reference, FilterLogEvents ("up to 1 MB (up to 10,000 log events)"; it accepts a prefix or
names of streams) and PutLogEvents (an event's size is its message in UTF-8 and 26 bytes).
"""

import base64
import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, Final

from ministack.core.responses import error_response_json, json_response

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.filter_pattern import PatternError
from embedded_aws.core.patching import Function

_MOST_EVENTS: Final = 10_000
_MOST_BYTES: Final = 1_048_576
_BYTES_OF_AN_EVENT: Final = 26

_Event = dict[str, Any]


def install() -> None:
    """Make FilterLogEvents use ``nextToken``, ``limit`` and ``logStreamNamePrefix``."""
    emulator.filter_log_events.wrap(_filter)


def _filter(original: Function, request: dict[str, Any]) -> Any:
    group = emulator.log_groups.get(emulator.log_group_name(request))
    if group is None:
        return original(request)
    prefix, names = request.get("logStreamNamePrefix"), request.get("logStreamNames")
    if prefix and names:
        return _invalid("LogStreamNamePrefix and LogStreamNames cannot be specified together.")
    limit = request.get("limit", _MOST_EVENTS)
    if not 1 <= limit <= _MOST_EVENTS:
        return _invalid(f"Value '{limit}' at 'limit' failed to satisfy constraint")
    try:
        start, skipped = _position(request.get("nextToken"), request.get("startTime"))
    except ValueError:
        return _invalid("The specified nextToken is invalid.")
    if set(names or ()) - set(group["streams"]):
        return error_response_json("ResourceNotFoundException", "The specified log stream does not exist.", 400)
    streams = [name for name in names or group["streams"] if name in group["streams"] and name.startswith(prefix or "")]
    try:
        matches = emulator.compile_filter_pattern(request.get("filterPattern", ""))
    except PatternError as error:
        return _invalid(f"Invalid filter pattern: {error}")
    return json_response(_page(_events(group, streams, start, request.get("endTime")), matches, limit, skipped))


def _position(token: str | None, start: int | None) -> tuple[int | None, int]:
    """The time from which a page is read, and the number of events from there that earlier pages have read.

    Raises:
        ValueError: the token is not from a page.
    """
    if not token:
        return start, 0
    time, _, count = base64.urlsafe_b64decode(token).decode().partition(":")
    return int(time), int(count)


def _events(group: _Event, streams: list[str], start: int | None, end: int | None) -> Iterator[_Event]:
    ranges = []
    with emulator.log_events_lock:
        for name in streams:
            history = group["streams"][name]["events"]
            first = bisect_left(history, start, key=_time) if start is not None else 0
            last = bisect_right(history, end, key=_time) if end is not None else len(history)
            ranges.append([{**event, "logStreamName": name} for event in history[first:last]])
    yield from heapq.merge(*ranges, key=lambda event: (event["timestamp"], event.get("ingestionTime", 0)))


def _time(event: _Event) -> int:
    return int(event["timestamp"])


def _page(events: Iterator[_Event], matches: Function, limit: int, skipped: int) -> dict[str, Any]:
    page: list[_Event] = []
    size = 0
    time, at_time = None, 0
    for number, event in enumerate(events):
        if number >= skipped and matches(event.get("message", "")):
            size += len(event["message"].encode()) + _BYTES_OF_AN_EVENT
            if len(page) >= limit or (page and size > _MOST_BYTES):
                # The next page begins with this event; earlier events of the same time have been read.
                at_time = at_time if time == event["timestamp"] else 0
                token = base64.urlsafe_b64encode(f"{event['timestamp']}:{at_time}".encode()).decode()
                return {"events": page, "searchedLogStreams": [], "nextToken": token}
            page.append(event)
        at_time = at_time + 1 if time == event["timestamp"] else 1
        time = event["timestamp"]
    return {"events": page, "searchedLogStreams": []}


def _invalid(message: str) -> Any:
    return error_response_json("InvalidParameterException", message, 400)
