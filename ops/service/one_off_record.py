"""The record of one-off tasks: who ran what, in the service's log group, which outlives the month.

ECS forgets a task an hour after its end. The record is written before the task is requested, so that none runs
without one.
"""

import shlex
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import pydantic_core
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.service.one_off_tasks import Purpose

_PREFIX = "runs/"
# Containers may write to the group: one without a zone, or near the end of the calendar, would end whoever reads it.
_Time = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A command that was run."""

    run_id: str  # a unique id
    time: _Time  # when it was requested
    purpose: Purpose  # ``run``, or ``migrate`` for a release's migration
    who: str  # ARN of the caller who requested it
    command: tuple[str, ...]
    image: str  # the image that ran it
    task_id: str = ""  # its task; empty where none was started
    exit_code: int | None = None  # exit code of the command; None where there was none, or its end was not watched
    reason: str = ""  # AWS's reason of its end; empty until it is recorded

    @property
    def text(self) -> str:
        """The command, quoted for a shell."""
        return shlex.join(self.command)


_RUN: Final = TypeAdapter(Run)


def new_run(*, purpose: Purpose, who: str, command: tuple[str, ...], image: str) -> Run:
    """A command that is about to be run."""
    return Run(run_id=uuid.uuid4().hex, time=datetime.now(UTC), purpose=purpose, who=who, command=command, image=image)


def record_run(aws: Aws, run: Run) -> None:
    """Record a run: before it begins, with its task, and with its end."""
    stream = f"{_PREFIX}{run.run_id}"
    with suppress(aws.logs.exceptions.ResourceAlreadyExistsException):  # its beginning is recorded
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
    # The last event of each run is the most complete.
    found: dict[str, Run] = {}
    with ignoring("ResourceNotFoundException"):  # before the first start there is no log group
        for page in pages:
            for event in page["events"]:
                with suppress(ValidationError):  # other events are no runs
                    run = _RUN.validate_json(event.get("message", ""))
                    found[run.run_id] = run
    return tuple(sorted(found.values(), key=lambda run: run.time, reverse=True))
