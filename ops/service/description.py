"""The service, tasks and capacity of its cluster as ECS describes them, for all modules."""

from typing import TYPE_CHECKING, Any, Final

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import DesiredStatusType
    from mypy_boto3_ecs.type_defs import (
        CapacityProviderStrategyItemTypeDef,
        ContainerTypeDef,
        ServiceTypeDef,
        TaskTypeDef,
    )

# Between two months, or deleted between two calls at a month's end.
_NOT_THERE: Final = ("ClusterNotFoundException", "ServiceNotFoundException")
_BATCH: Final = 100  # the most that DescribeTasks accepts


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
    """Tasks of the cluster; none between two months.

    Args:
        status: ``RUNNING`` for tasks that should run, ``STOPPED`` for stopped tasks of the last hour.
        service: only tasks of this service; empty: all.
    """
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
    """The cluster's default strategy, which in the template is also the service's.

    The service's own strategy is not read: a deployment without one removes it from the service (aws/containers-roadmap
    #1752), and such a deployment, for example from the console, must not affect the next one.

    Raises:
        FailedError: the cluster has none, so it is not this system's cluster.
    """
    clusters = aws.ecs.describe_clusters(clusters=[aws.names.cluster])["clusters"]
    strategy = clusters[0].get("defaultCapacityProviderStrategy", []) if clusters else []
    if not strategy:
        raise FailedError(
            f"the cluster {aws.names.cluster} has no default capacity provider strategy, though its template sets one",
            "See what was changed by hand: `hannibal drift`",
        )
    return strategy
