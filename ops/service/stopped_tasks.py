"""Stopped tasks, which ECS lists for an hour, and why they stopped."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ops.aws.clients import Aws
from ops.service.ecs_service import container_of, describe_tasks

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskTypeDef

_EPOCH = datetime.fromtimestamp(0, UTC)
# Stop reasons that were requested, or are AWS's maintenance (ECS developer guide, "Task retirement on Fargate").
_WANTED: Final = re.compile(
    r"^(Scaling activity|Task stopped by|Deployment)|stopped by user|is performing maintenance", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class StoppedTask:
    """A stopped task."""

    task_id: str  # its id without the ARN
    task_set: str  # the task set that started it
    revision: str  # family and number of its task definition
    image: str  # image of the API's container
    stopped: datetime  # when it stopped
    code: str  # ECS's code, such as ``TaskFailedToStart``
    reason: str  # ECS's reason for the task
    container_reason: str  # ECS's reason for the API's container, mostly empty
    exit_code: int | None  # exit code of that container; None if it never ran

    @property
    def words(self) -> str:
        """All reasons that ECS reports, as one text."""
        parts = [self.reason, self.container_reason, "" if self.exit_code is None else f"exit code {self.exit_code}"]
        return "; ".join(part for part in parts if part)


def is_failure(task: StoppedTask) -> bool:
    """Whether a task stopped without a request of a release, a scaling activity or a person."""
    return task.code != "UserInitiated" and not _WANTED.search(task.reason)


def read_stopped(aws: Aws) -> tuple[StoppedTask, ...]:
    """Tasks that stopped in the last hour, the newest first (ECS developer guide, "View stopped tasks")."""
    found = [
        _stopped_task(task, aws.names.container)
        for task in describe_tasks(aws, status="STOPPED")
        if task.get("group") == f"service:{aws.names.service}" and task.get("lastStatus") == "STOPPED"
    ]
    return tuple(sorted(found, key=lambda task: task.stopped, reverse=True))


def _stopped_task(task: "TaskTypeDef", name: str) -> StoppedTask:
    container = container_of(task, name)
    # ECS ends the API by SIGTERM where another essential container fails, and it may well answer that with 0.
    other_reasons = [
        f"{it.get('name')} ended with {it.get('exitCode')}"
        for it in task.get("containers", [])
        if it.get("name") != name and it.get("exitCode") and not container.get("exitCode")
    ]
    return StoppedTask(
        task_id=task.get("taskArn", "").rpartition("/")[2],
        task_set=task.get("startedBy", ""),
        revision=task.get("taskDefinitionArn", "").rpartition("/")[2],
        image=container.get("image", ""),
        stopped=task.get("stoppedAt") or task.get("stoppingAt") or task.get("createdAt") or _EPOCH,
        code=str(task.get("stopCode", "")),
        reason=task.get("stoppedReason") or "",
        container_reason="; ".join([*filter(None, [container.get("reason")]), *other_reasons]),
        exit_code=container.get("exitCode"),
    )
