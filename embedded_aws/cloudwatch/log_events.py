"""Rejects log events that are too old, too new or out of order, as CloudWatch Logs does.

Source: API reference, PutLogEvents, and its RejectedLogEventsInfo.
"""

import json
import time
from itertools import pairwise
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal

_DAY: Final = 86_400_000
_OLDEST: Final = 14 * _DAY
_NEWEST: Final = 2 * 3_600_000
_TOO_OLD: Final = "tooOldLogEventEndIndex"
_TOO_NEW: Final = "tooNewLogEventStartIndex"


def install() -> None:
    """Remove rejected events from requests."""
    emulator.put_log_events.wrap(_put_log_events)


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
