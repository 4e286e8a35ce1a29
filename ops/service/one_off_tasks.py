"""One-off tasks: a command of an image, in the service's network and with its roles, watched to its end."""

import json
import shlex
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from installation.names import Names
from ops.aws.clients import Aws
from ops.aws.polling import wait, wait_at_most
from ops.errors import FailedError, RefusedError, UnusableInputError
from ops.service.ecs_service import container_of, describe_active_service, describe_tasks, read_capacity
from ops.service.logs import LogLine, line_of, stream_of

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerOverrideTypeDef, TaskTypeDef

Purpose = Literal["run", "migrate"]

ENDED_BY_ITSELF = "EssentialContainerExited"
_GROUP = "hannibal"
_MOST_OF_OVERRIDES = 8192  # characters, including JSON's own (ECS API reference, RunTask, "overrides")
# The log driver sends the last lines when the container ends, and CloudWatch shows them a moment later.
_LAST_READS = 3
# ECS may not show a new task at once (ECS API reference, RunTask, "eventual consistency").
_SECONDS_TO_APPEAR = 60.0


@dataclass(frozen=True, kw_only=True)
class TaskRequest:
    """A task to run once."""

    revision: str  # ARN, or family and number, of its task definition
    command: tuple[str, ...]  # what the service's container runs in place of its own command
    purpose: Purpose = "run"  # a part of its ``startedBy``
    # Additional variables of its container. Callers who may describe tasks can read them.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Two requests with the same one cannot both start a task (ECS developer guide, "Ensuring idempotency"); None for
    # any number of tasks.
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class OneOffTask:
    """A task that does not belong to the service."""

    arn: str  # its ARN
    status: str  # such as ``RUNNING``
    command: tuple[str, ...]  # the requested command; empty where its container's own command runs
    started_by: str  # text of who started it; ``hannibal/run`` and ``hannibal/migrate`` for this command
    created: datetime | None  # when it was started
    exit_code: int | None  # exit code of the service's container; None while it runs, and where it never started
    reason: str  # AWS's reason why it stopped; empty before
    stop_code: str  # the same as a code, such as ``EssentialContainerExited``
    ended: datetime | None  # when it ended; None before
    took: timedelta | None  # from its start to its end; None before that, and where it never started

    @property
    def task_id(self) -> str:
        """Its id without the ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def text(self) -> str:
        """Its id, command and starter, for messages."""
        command = f"`{shlex.join(self.command)}`" if self.command else "its image's own command"
        return f"{self.task_id[:8]} ({command}, started by {self.started_by or 'an unknown user'})"

    @property
    def stop_command(self) -> str:
        """The command that stops it, as typed in a shell."""
        return f"aws ecs stop-task --cluster {self.arn.split('/')[1]} --task {self.task_id}"

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with exit code 0, which a stopped task may have too."""
        return self.exit_code == 0 and self.stop_code == ENDED_BY_ITSELF

    @property
    def exit_text(self) -> str:
        """Its exit code, and the reason that no log shows: the kernel has killed it for its memory."""
        killed = " (it needed more memory than service.memory_mib)" if "OutOfMemory" in self.reason else ""
        return f"exit code {self.exit_code}{killed}"

    @property
    def stopped(self) -> bool:
        """Whether it has ended."""
        return self.status == "STOPPED"


def check_length(names: Names, command: tuple[str, ...]) -> None:
    """Check, before it is recorded, that ECS accepts a command's length; else UnusableInputError."""
    size = len(json.dumps({"containerOverrides": [{"name": names.container, "command": command}]}))
    if size > _MOST_OF_OVERRIDES:
        raise UnusableInputError(
            f"the command has {size} characters, as ECS counts them, and ECS takes {_MOST_OF_OVERRIDES}",
            "Put it into the image as a script, or have it read its input from S3 or the database.",
        )


def start_task(aws: Aws, request: TaskRequest) -> OneOffTask:
    """Start a task beside the service's.

    Raises:
        RefusedError: no month is running.
        FailedError: ECS started none, for example because there is no Spot capacity now.
        botocore.exceptions.ClientError: ``ConflictException`` where another request used the token.
    """
    names = aws.names
    service = _service(aws)
    override: ContainerOverrideTypeDef = {"name": names.container, "command": list(request.command)}
    if request.environment:
        override["environment"] = [{"name": name, "value": value} for name, value in request.environment.items()]
    answer = aws.ecs.run_task(
        cluster=names.cluster,
        taskDefinition=request.revision,
        count=1,
        capacityProviderStrategy=read_capacity(aws),
        networkConfiguration=service["networkConfiguration"],
        enableExecuteCommand=service.get("enableExecuteCommand", False),
        enableECSManagedTags=True,
        propagateTags="TASK_DEFINITION",
        group=_GROUP,
        startedBy=f"{_GROUP}/{request.purpose}",
        overrides={"containerOverrides": [override]},
        clientToken=request.token or uuid.uuid4().hex,
    )
    if not answer["tasks"]:
        reasons = ", ".join(failure.get("reason", "") for failure in answer.get("failures", []))
        raise FailedError(f"ECS started no task: {reasons or 'no reason given'}", "Try again in a minute.")
    return _task(answer["tasks"][0], names.container)


def read_task(aws: Aws, arn: str) -> OneOffTask | None:
    """A task; None when ECS no longer lists it, an hour after its end."""
    found = aws.ecs.describe_tasks(cluster=aws.names.cluster, tasks=[arn])["tasks"]
    return _task(found[0], aws.names.container) if found else None


def stop_task(aws: Aws, arn: str, reason: str) -> None:
    """Stop a task: SIGTERM, and SIGKILL after the container's stop timeout."""
    aws.ecs.stop_task(cluster=aws.names.cluster, task=arn, reason=reason)


def one_off_tasks(aws: Aws) -> tuple[OneOffTask, ...]:
    """Running tasks of the cluster that do not belong to the service; none between two months."""
    service_group = f"service:{aws.names.service}"
    # ECS lists a stopping task among the stopped ones while it still runs, until its stop timeout.
    found = {task.get("taskArn"): task for task in (*describe_tasks(aws), *describe_tasks(aws, status="STOPPED"))}
    return tuple(
        _task(task, aws.names.container)
        for task in found.values()
        if task.get("group") != service_group and task.get("lastStatus") != "STOPPED"
    )


def one_off_task_refusals(aws: Aws) -> Iterator[str]:
    """Why the database may not be stopped or deleted now, with what to do."""
    for task in one_off_tasks(aws):
        yield (
            f"one-off task {task.text} runs, and would lose its database: wait for it (`hannibal runs`), or end it "
            f"(`{task.stop_command}`)"
        )


def _service(aws: Aws) -> Any:
    active = describe_active_service(aws)
    if active is None:
        raise RefusedError("no month is running, so there is no service whose network and roles a task could use")
    # A task set has its actual network configuration; the service has the one of its creation.
    primary = (each for each in active.get("taskSets", []) if each.get("status") == "PRIMARY")
    network = next((each["networkConfiguration"] for each in primary if each.get("networkConfiguration")), None)
    return {**active, "networkConfiguration": network or active.get("networkConfiguration", {})}


def _task(task: "TaskTypeDef", container: str) -> OneOffTask:
    started, ended = task.get("startedAt"), task.get("executionStoppedAt", task.get("stoppedAt"))
    main = container_of(task, container)
    reasons = (task.get("stoppedReason", ""), main.get("reason", ""))
    overrides = task.get("overrides", {}).get("containerOverrides", [])
    return OneOffTask(
        arn=task.get("taskArn", ""),
        status=task.get("lastStatus", ""),
        command=tuple(word for it in overrides if it.get("name") == container for word in it.get("command", [])),
        started_by=task.get("startedBy", ""),
        created=task.get("createdAt"),
        exit_code=main.get("exitCode"),
        reason=" ".join(part for part in reasons if part),
        stop_code=str(task.get("stopCode", "")),
        ended=ended,
        took=ended - started if started and ended else None,
    )


def _log_reader(aws: Aws, task_id: str) -> Callable[[], Iterator[LogLine]]:
    """A function that reads the output of a task's service container since its last call, at first all of it."""
    request: dict[str, Any] = {
        "logGroupName": aws.names.service_log_group,
        "logStreamName": stream_of(aws, task_id),
        "startFromHead": True,
    }

    def read() -> Iterator[LogLine]:
        while True:
            try:
                answer = aws.logs.get_log_events(**request)
            except aws.logs.exceptions.ResourceNotFoundException:
                return  # the container has not printed anything yet
            yield from (line_of(event, task_id) for event in answer["events"])
            # At the end, a request returns its own token (CloudWatch Logs API reference, GetLogEvents).
            if answer.get("nextForwardToken") in (None, request.get("nextToken")):
                return
            request["nextToken"] = answer["nextForwardToken"]

    return read


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
    read_log = _log_reader(aws, task.task_id)
    wait_at_most(_SECONDS_TO_APPEAR, lambda: read_task(aws, task.arn), aws.polling)

    def ended() -> OneOffTask | None:
        now = read_task(aws, task.arn)
        for line in read_log():
            show(line)
        if now is None:
            raise FailedError(
                f"ECS does not know task {task.task_id} any more",
                f"What it printed: `hannibal logs --task {task.task_id}`",
            )
        return now if now.stopped else None

    ended_task = wait_at_most(limit.seconds, ended, aws.polling) if limit else None
    if ended_task is None:
        if limit:
            stop_task(aws, task.arn, limit.reason)
        ended_task = wait(ended, aws.polling)
    for _ in range(_LAST_READS):
        aws.polling.sleep(aws.polling.seconds / _LAST_READS)
        for line in read_log():
            show(line)
    return ended_task
