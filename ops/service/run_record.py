"""The record of one-off tasks: who ran what, kept in the service's log group, which outlives the month.

ECS forgets a task an hour after its end. The record is written before the task is asked for, so that none runs
without one.
"""

import shlex
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.service.tasks import Purpose

_PREFIX = "runs/"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One command that was run."""

    run_id: str  # an id of its own
    time: datetime  # when it was asked for
    purpose: Purpose  # ``run``, or ``migrate`` for that of a release
    who: str  # ARN of who asked for it
    command: tuple[str, ...]
    image: str  # the image that ran it
    task_id: str = ""  # its task; empty where none was started
    exit_code: int | None = None  # exit code of the command; None where there was none, or nobody has watched its end
    reason: str = ""  # why it has ended, in AWS's words; empty while nobody has written that down

    @property
    def text(self) -> str:
        """The command as a shell would take it."""
        return shlex.join(self.command)


_RUN: Final = TypeAdapter(Run)


def new_run(*, purpose: Purpose, who: str, command: tuple[str, ...], image: str) -> Run:
    """A command that is about to be run."""
    return Run(run_id=uuid.uuid4().hex, time=datetime.now(UTC), purpose=purpose, who=who, command=command, image=image)


def record_run(aws: Aws, run: Run) -> None:
    """Write a run down: before it begins, with its task, and with its end."""
    stream = f"{_PREFIX}{run.run_id}"
    with suppress(aws.logs.exceptions.ResourceAlreadyExistsException):  # its beginning is there
        aws.logs.create_log_stream(logGroupName=aws.names.service_log_group, logStreamName=stream)
    aws.logs.put_log_events(
        logGroupName=aws.names.service_log_group,
        logStreamName=stream,
        logEvents=[
            {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": pydantic_core.to_json(run).decode()}
        ],
    )


def read_runs(aws: Aws, *, start: datetime) -> tuple[Run, ...]:
    """The runs since a moment, over all months, the newest first."""
    pages = aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=aws.names.service_log_group, logStreamNamePrefix=_PREFIX, startTime=int(start.timestamp() * 1000)
    )
    # Of each run the event that says most comes last.
    found: dict[str, Run] = {}
    with ignoring("ResourceNotFoundException"):  # before the first start there is no log
        for page in pages:
            found |= {run.run_id: run for event in page["events"] for run in _parsed(event.get("message", ""))}
    return tuple(sorted(found.values(), key=lambda run: run.time, reverse=True))


def _parsed(message: str) -> Iterator[Run]:
    with suppress(ValidationError):  # what something else has written is no run
        yield _RUN.validate_json(message)
