"""The running service: its task sets, their target groups and images."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.aws.clients import Aws
from ops.release.revision import Revision, read_revision
from ops.service.ecs_service import describe_active_service

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import LoadBalancerTypeDef


@dataclass(frozen=True, kw_only=True)
class RunningTaskSet:
    """A version of the service."""

    primary: bool  # whether it is the primary task set
    steady: bool  # whether all its tasks run and are healthy
    colour: str  # ``blue`` or ``green``, its target group
    revision: Revision  # its task definition
    container_port: int  # the container's port for the load balancer
    deployment_id: str  # the deployment that created it; empty for the first of a month


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """The service."""

    desired: int  # desired number of tasks
    running: int  # running tasks
    task_sets: tuple[RunningTaskSet, ...]  # its versions; one, except during a release

    @property
    def primary(self) -> RunningTaskSet | None:
        """The serving version."""
        return next((task_set for task_set in self.task_sets if task_set.primary), None)

    @property
    def images(self) -> Mapping[str, str]:
        """Images by colour."""
        return {task_set.colour: task_set.revision.image for task_set in self.task_sets}


def read_running_service(
    aws: Aws, revision_of: Callable[[Aws, str], Revision] = read_revision
) -> RunningService | None:
    """The present service; None between two months. ``revision_of`` may remember revisions, which never change."""
    service = describe_active_service(aws)
    if service is None:
        return None
    colours = {aws.names.blue_target_group: "blue", aws.names.green_target_group: "green"}
    task_sets = []
    for task_set in service.get("taskSets", []):
        balancer: LoadBalancerTypeDef = (task_set.get("loadBalancers") or [{}])[0]
        group = balancer.get("targetGroupArn", "//").split("/")[1]  # an ARN ends in targetgroup/NAME/ID
        task_sets.append(
            RunningTaskSet(
                primary=task_set.get("status") == "PRIMARY",
                steady=task_set.get("stabilityStatus") == "STEADY_STATE",
                colour=colours.get(group, group),
                revision=revision_of(aws, task_set.get("taskDefinition", "")),
                container_port=balancer.get("containerPort", 0),
                deployment_id=task_set.get("externalId", ""),
            )
        )
    return RunningService(
        desired=service.get("desiredCount", 0), running=service.get("runningCount", 0), task_sets=tuple(task_sets)
    )


def read_serving(aws: Aws) -> RunningTaskSet | None:
    """The serving version; None between two months."""
    service = read_running_service(aws)
    return service.primary if service else None
