"""The API's ECS service, its tasks, and those that stopped, which ECS lists for an hour."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from installation.names import COMPUTE_STACK
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import FailedError
from ops.stacks.state import missing_reason

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import DesiredStatusType
    from mypy_boto3_ecs.type_defs import (
        CapacityProviderStrategyItemTypeDef,
        ContainerTypeDef,
        DeploymentTypeDef,
        ServiceTypeDef,
        TaskSetTypeDef,
        TaskTypeDef,
    )

# Between two months, or deleted between two calls at a month's end.
_NOT_THERE: Final = ("ClusterNotFoundException", "ServiceNotFoundException")
_BATCH: Final = 100  # the most that DescribeTasks accepts
_EPOCH = datetime.fromtimestamp(0, UTC)
# Stop reasons that were requested, or are AWS's maintenance (ECS developer guide, "Task retirement on Fargate").
_WANTED: Final = re.compile(
    r"^(Scaling activity|Task stopped by|Deployment)|stopped by user|is performing maintenance", re.IGNORECASE
)


def describe_service(aws: Aws) -> "ServiceTypeDef | None":
    """The service, also while it is being deleted; None between two months."""
    services: list[ServiceTypeDef] = []
    with ignoring(*_NOT_THERE):
        services = aws.ecs.describe_services(cluster=aws.names.cluster, services=[aws.names.service])["services"]
    # A deleted service is shown as INACTIVE for a while.
    return next((service for service in services if service.get("status") != "INACTIVE"), None)


def describe_active_service(aws: Aws) -> "ServiceTypeDef | None":
    """The service, None while it is being deleted and between two months."""
    service = describe_service(aws)
    return service if service and service.get("status") == "ACTIVE" else None


def describe_tasks(aws: Aws, *, status: "DesiredStatusType" = "RUNNING", service: str = "") -> "list[TaskTypeDef]":
    """Tasks of the cluster, or of one service of it; none between two months. Stopped ones are of the last hour."""
    names = aws.names
    arns: list[str] = []
    with ignoring(*_NOT_THERE):
        service_filter: Any = {"serviceName": service} if service else {}
        pages = aws.ecs.get_paginator("list_tasks").paginate(
            cluster=names.cluster, desiredStatus=status, **service_filter
        )
        arns = [arn for page in pages for arn in page["taskArns"]]
    return [
        task
        for start in range(0, len(arns), _BATCH)
        for task in aws.ecs.describe_tasks(cluster=names.cluster, tasks=arns[start : start + _BATCH])["tasks"]
    ]


def container_of(task: "TaskTypeDef", name: str) -> "ContainerTypeDef":
    """A container of a task; empty where the task has none of that name."""
    none: ContainerTypeDef = {}
    return next((each for each in task.get("containers", []) if each.get("name") == name), none)


def read_capacity(aws: Aws) -> "list[CapacityProviderStrategyItemTypeDef]":
    """The cluster's default strategy, which in the template is also the service's; FailedError where it has none.

    The service's own strategy is not read: a deployment without one removes it from the service (aws/containers-roadmap
    #1752), and such a deployment, for example from the console, must not affect the next one.
    """
    clusters = aws.ecs.describe_clusters(clusters=[aws.names.cluster])["clusters"]
    strategy = clusters[0].get("defaultCapacityProviderStrategy", []) if clusters else []
    if not strategy:
        raise FailedError(
            f"the cluster {aws.names.cluster} has no default capacity provider strategy, though its template sets one",
            "See what was changed by hand: `hannibal drift`",
        )
    return strategy


@dataclass(frozen=True, kw_only=True)
class TaskSet:
    """A version of the service: a task set with CodeDeploy, else a deployment of ECS."""

    status: str  # ``PRIMARY`` for the version in production
    task_definition: str  # family and revision
    running: int  # running tasks
    desired: int  # desired tasks


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task."""

    task_id: str  # its id without the ARN
    image: str  # image of the API's container
    status: str  # such as ``RUNNING``
    health: str  # ``HEALTHY``, ``UNHEALTHY`` or ``UNKNOWN``, by the container's health check
    started: datetime | None  # None while it is being started
    zone: str  # availability zone


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service as ECS describes it."""

    status: str
    desired: int
    running: int
    pending: int
    task_sets: tuple[TaskSet, ...]
    tasks: tuple[Task, ...]

    @property
    def steady(self) -> bool:
        """Whether as many tasks run as are desired."""
        return self.status == "ACTIVE" and self.desired > 0 and self.running >= self.desired and self.pending == 0


def no_service(aws: Aws, without_month: str) -> str:
    """Why there is no service, with what to do; only where there is none; `without_month` between two months."""
    return missing_reason(aws, "service", COMPUTE_STACK, undeployed=without_month, subject="ecs")


def read_service(aws: Aws) -> Service | None:
    """The service with its tasks; None between two months."""
    service = describe_service(aws)
    if service is None:
        return None
    versions = service.get("taskSets") or service.get("deployments", [])
    return Service(
        status=service.get("status", ""),
        desired=service.get("desiredCount", 0),
        running=service.get("runningCount", 0),
        pending=service.get("pendingCount", 0),
        task_sets=tuple(_task_set(version) for version in versions),
        tasks=tuple(_task(task, aws.names.container) for task in describe_tasks(aws, service=aws.names.service)),
    )


def _task_set(version: "TaskSetTypeDef | DeploymentTypeDef") -> TaskSet:
    # A deployment's desired count is "computed" in a task set, which has a share of the service's count.
    desired = version.get("computedDesiredCount", version.get("desiredCount", 0))
    return TaskSet(
        status=version.get("status", ""),
        task_definition=_last(version.get("taskDefinition", "")),
        running=version.get("runningCount", 0),
        desired=int(str(desired)),
    )


def _task(task: "TaskTypeDef", container: str) -> Task:
    return Task(
        task_id=_last(task.get("taskArn", "")),
        image=container_of(task, container).get("image", ""),
        status=task.get("lastStatus", ""),
        health=task.get("healthStatus", "UNKNOWN"),
        started=task.get("startedAt"),
        zone=task.get("availabilityZone", ""),
    )


def _last(arn: str) -> str:
    """The last part of an ARN: the id of a task, or family and number of a revision."""
    return arn.rpartition("/")[2]


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
        task_id=_last(task.get("taskArn", "")),
        task_set=task.get("startedBy", ""),
        revision=_last(task.get("taskDefinitionArn", "")),
        image=container.get("image", ""),
        stopped=task.get("stoppedAt") or task.get("stoppingAt") or task.get("createdAt") or _EPOCH,
        code=str(task.get("stopCode", "")),
        reason=task.get("stoppedReason") or "",
        container_reason="; ".join(filter(None, [container.get("reason"), *other_reasons])),
        exit_code=container.get("exitCode"),
    )
