"""CodeDeploy's deployments, by which images ship."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ops.aws.clients import Aws
from ops.aws.errors import ignoring

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.literals import DeploymentStatusType
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef

_RUNNING: tuple["DeploymentStatusType", ...] = ("Created", "Queued", "InProgress", "Baking", "Ready")
# No application or no group: no month. Any other answer could hide a running release, and is an error.
_NOT_THERE = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


@dataclass(frozen=True, kw_only=True)
class RunningDeployment:
    """A deployment that has not ended."""

    deployment_id: str  # such as ``d-ABCDEF123``
    status: str  # such as ``InProgress``
    created: datetime | None  # when it was started
    creator: str  # who started it: ``user``, ``autoscaling`` or ``codeDeployRollback``
    goes_back: bool = False  # whether `hannibal rollback` has begun it


def running_deployments(aws: Aws) -> tuple[RunningDeployment, ...]:
    """The releases that are going on now; none where CodeDeploy has nothing of ours."""
    return tuple(_read(aws, identifier) for identifier in deployment_ids(aws, includeOnlyStatuses=_RUNNING))


def deployment_ids(aws: Aws, **wanted: Any) -> list[str]:
    """Ids of deployments into the installation's group, by the names of ListDeployments; none where it is not there."""
    with ignoring(*_NOT_THERE):
        pages = aws.codedeploy.get_paginator("list_deployments").paginate(
            applicationName=aws.names.codedeploy_application, deploymentGroupName=aws.names.codedeploy_group, **wanted
        )
        return [identifier for page in pages for identifier in page["deployments"]]
    return []


def running_release_refusals(aws: Aws) -> Iterator[str]:
    """Why nothing else may change the service while a release runs, with what to do."""
    for it in running_deployments(aws):
        yield (
            f"a release is running: {it.deployment_id} is {it.status}. Wait for its end (`hannibal release --wait`), "
            "or roll it back (`hannibal rollback`)"
        )


def goes_back(info: "DeploymentInfoTypeDef") -> bool:
    """Whether a deployment is one that `hannibal rollback` has begun: its description says so."""
    return info.get("description", "").startswith("rollback by ")


def _read(aws: Aws, identifier: str) -> RunningDeployment:
    info = aws.codedeploy.get_deployment(deploymentId=identifier).get("deploymentInfo", {})
    return RunningDeployment(
        deployment_id=identifier,
        status=info.get("status", "unknown"),
        created=info.get("createTime"),
        creator=info.get("creator", "user"),
        goes_back=goes_back(info),
    )
