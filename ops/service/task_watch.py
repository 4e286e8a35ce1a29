"""Watches a one-off task to its end, with its log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ops.aws.clients import Aws
from ops.aws.polling import wait, wait_at_most
from ops.errors import FailedError
from ops.service.logs import LogLine, line_of, stream_of
from ops.service.tasks import OneOffTask, read_task, stop_task

# The log driver sends the last lines when the container ends, and CloudWatch shows them a moment later.
_LAST_READS = 3
# ECS may not show a new task at once (ECS API reference, RunTask, "eventual consistency").
_SECONDS_TO_APPEAR = 60.0


class TaskLog:
    """The output of a task's service container, from its first line on."""

    def __init__(self, aws: Aws, task_id: str) -> None:
        self._logs = aws.logs
        self._task_id = task_id
        self._request: dict[str, Any] = {
            "logGroupName": aws.names.service_log_group,
            "logStreamName": stream_of(aws, task_id),
            "startFromHead": True,
        }

    def read(self) -> Iterator[LogLine]:
        """The lines since the last call."""
        while True:
            try:
                answer = self._logs.get_log_events(**self._request)
            except self._logs.exceptions.ResourceNotFoundException:
                return  # the container has not printed anything yet
            yield from (line_of(event, self._task_id) for event in answer["events"])
            # At the end, a request returns its own token (CloudWatch Logs API reference, GetLogEvents).
            if answer.get("nextForwardToken") in (None, self._request.get("nextToken")):
                return
            self._request["nextToken"] = answer["nextForwardToken"]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The longest duration of a task."""

    seconds: float  # time after which it is stopped
    reason: str  # the reason that ECS is given then


def watch_task(
    aws: Aws, task: OneOffTask, *, show: Callable[[LogLine], None], limit: Limit | None = None
) -> OneOffTask:
    """Show a task's output until it has ended, and stop it where it takes too long; returns its final state.

    Raises:
        FailedError: ECS no longer lists it.
    """
    log = TaskLog(aws, task.task_id)
    wait_at_most(_SECONDS_TO_APPEAR, lambda: read_task(aws, task.arn), aws.polling)

    def ended() -> OneOffTask | None:
        now = read_task(aws, task.arn)
        for line in log.read():
            show(line)
        if now is None:
            raise FailedError(
                f"ECS does not know task {task.task_id} any more",
                f"What it printed: `hannibal logs --task {task.task_id}`",
            )
        return now if now.stopped else None

    found = wait_at_most(limit.seconds, ended, aws.polling) if limit else None
    if found is None:
        if limit:
            stop_task(aws, task.arn, limit.reason)
        found = wait(ended, aws.polling)
    for _ in range(_LAST_READS):
        aws.polling.sleep(aws.polling.seconds / _LAST_READS)
        for line in log.read():
            show(line)
    return found
