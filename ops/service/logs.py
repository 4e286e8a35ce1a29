"""Log lines of the service's containers, of all tasks, also deleted ones."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from installation.names import ARTIFACT_STACK
from ops.aws.clients import Aws
from ops.aws.errors import code_of, message_of
from ops.errors import RefusedError, UnusableInputError
from ops.stacks.state import how_to_recreate

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import FilterLogEventsResponseTypeDef

_SPAN = re.compile(r"^(?P<count>\d+)(?P<unit>[smhdw])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # CloudWatch Logs API reference, FilterLogEvents: startTime is at least 0
# Lines arrive late and out of order across streams (CloudWatch Logs user guide, "ingestion time"), so the last
# moments are read again, without the lines that were already returned.
_OVERLAP_MILLISECONDS = 30_000


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A log line."""

    time: datetime  # when it was printed
    task_id: str  # id of the task; the stream's name where it is not a task's
    message: str  # its text


def line_of(event: Any, task_id: str) -> LogLine:
    """A line of a log event of CloudWatch Logs."""
    time = datetime.fromtimestamp(event.get("timestamp", 0) / 1000, UTC)
    return LogLine(time=time, task_id=task_id, message=event.get("message", "").rstrip("\n"))


def stream_of(aws: Aws, task_id: str) -> str:
    """The log stream of a task's service container; for the beginning of an id, the prefix of the streams' names."""
    # PREFIX/CONTAINER/TASK (ECS developer guide, "awslogs-stream-prefix").
    return f"ecs/{aws.names.container}/{task_id}"


def moment_of(text: str, now: datetime) -> datetime:
    """The time that ``10m``, ``2h``, ``1d`` or an ISO 8601 time means; UnusableInputError for others and the future."""
    match = _SPAN.match(text)
    try:
        if match:
            time = now - timedelta(**{_UNITS[match["unit"]]: int(match["count"])})
        else:
            time = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UnusableInputError(
            f"{text!r} is no time", "Write a span (30s, 10m, 2h, 1d, 1w) or a moment (2026-11-24T09:30+09:00)."
        ) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time > now:
        raise UnusableInputError(f"{text} is in the future", "A moment without a zone is in UTC.")
    return max(time, _EARLIEST)


def _pages(aws: Aws, request: dict[str, Any]) -> Iterator["FilterLogEventsResponseTypeDef"]:
    try:
        yield from aws.logs.get_paginator("filter_log_events").paginate(**request)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            raise RefusedError(
                f"there is no log group {request['logGroupName']}", how_to_recreate(aws, ARTIFACT_STACK)
            ) from error
        if code_of(error) != "InvalidParameterException" or "pattern" not in str(error):
            raise
        raise UnusableInputError(
            f"CloudWatch Logs cannot read the pattern {request.get('filterPattern')}: {message_of(error)}",
            "Such as 'ERROR', '\"two words\"', '?ERROR ?WARN' or '{ $.level = \"error\" }', in single quotes.",
        ) from error


def read_lines(
    aws: Aws,
    *,
    start: datetime,
    task: str | None = None,
    pattern: str | None = None,
    follow: bool = False,
    sleep: Callable[[], None] = lambda: None,
) -> Iterator[LogLine]:
    """Log lines of the service in their order.

    `task` is the beginning of a task's id, for the lines of that task alone, and `pattern` a filter pattern of
    CloudWatch Logs. With `follow` it waits for new lines without end.

    Raises:
        RefusedError: there is no log yet.
        UnusableInputError: the pattern is invalid.
    """
    request: dict[str, Any] = {"logGroupName": aws.names.service_log_group}
    if task:
        request["logStreamNamePrefix"] = stream_of(aws, task)
    if pattern:
        request["filterPattern"] = pattern
    begin = int(start.timestamp() * 1000)
    seen_events: dict[str, int] = {}
    while True:
        for page in _pages(aws, {**request, "startTime": begin}):
            for event in page["events"]:
                identifier, time = event.get("eventId", ""), event.get("timestamp", 0)
                if identifier not in seen_events:
                    seen_events[identifier] = time
                    yield line_of(event, event.get("logStreamName", "").rpartition("/")[2])
        if not follow:
            return
        begin = max([begin, *(time - _OVERLAP_MILLISECONDS for time in seen_events.values())])
        seen_events = {identifier: time for identifier, time in seen_events.items() if time >= begin}
        sleep()
