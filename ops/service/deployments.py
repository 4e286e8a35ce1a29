"""CodeDeploy's deployments, by which images ship."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ops.aws.clients import Aws
from ops.aws.errors import ignoring

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.literals import DeploymentStatusType

_RUNNING: tuple["DeploymentStatusType", ...] = ("Created", "Queued", "InProgress", "Baking", "Ready")
# No application or no group: no month. Any other answer could hide a running release, and is an error.
NOT_THERE = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


@dataclass(frozen=True, kw_only=True)
class RunningDeployment:
    """A deployment that has not ended."""

    deployment_id: str  # such as ``d-ABCDEF123``
    status: str  # such as ``InProgress``
    created: datetime | None  # when it was started
    creator: str  # who started it: ``user``, ``autoscaling`` or ``codeDeployRollback``


def running_deployments(aws: Aws) -> tuple[RunningDeployment, ...]:
    """The releases that are going on now; none where CodeDeploy has nothing of ours."""
    identifiers: list[str] = []
    with ignoring(*NOT_THERE):
        pages = aws.codedeploy.get_paginator("list_deployments").paginate(
            applicationName=aws.names.codedeploy_application,
            deploymentGroupName=aws.names.codedeploy_group,
            includeOnlyStatuses=_RUNNING,
        )
        identifiers = [identifier for page in pages for identifier in page["deployments"]]
    return tuple(_read(aws, identifier) for identifier in identifiers)


def running_release_refusals(aws: Aws) -> Iterator[str]:
    """Why nothing else may change the service while a release runs, with what to do."""
    for it in running_deployments(aws):
        yield (
            f"a release is running: {it.deployment_id} is {it.status}. Wait for its end (`hannibal release --wait`), "
            "or take it back (`hannibal rollback`)"
        )


def deployments_since(aws: Aws, start: datetime) -> tuple[str, ...]:
    """The ids of all releases that were started since a moment, whatever became of them."""
    pages = aws.codedeploy.get_paginator("list_deployments").paginate(
        applicationName=aws.names.codedeploy_application,
        deploymentGroupName=aws.names.codedeploy_group,
        createTimeRange={"start": start},
    )
    return tuple(identifier for page in pages for identifier in page["deployments"])


def _read(aws: Aws, identifier: str) -> RunningDeployment:
    info = aws.codedeploy.get_deployment(deploymentId=identifier).get("deploymentInfo", {})
    return RunningDeployment(
        deployment_id=identifier,
        status=info.get("status", "unknown"),
        created=info.get("createTime"),
        creator=info.get("creator", "user"),
    )
