"""The API's ECS service and its tasks."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from installation.names import COMPUTE_STACK
from ops.aws.clients import Aws
from ops.service.description import container_of, describe_service, describe_tasks
from ops.stacks.missing import missing_reason

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, TaskSetTypeDef, TaskTypeDef


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
    """Why there is no service, with what to do; only where there is none.

    Args:
        without_month: the text between two months.
    """
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
    return arn.rpartition("/")[2]
