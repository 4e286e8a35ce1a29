"""CodeDeploy's deployments, which release images."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ops.aws.clients import Aws
from ops.aws.errors import ignoring

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.literals import DeploymentStatusType
    from mypy_boto3_codedeploy.type_defs import DeploymentGroupInfoTypeDef, DeploymentInfoTypeDef

_RUNNING: tuple["DeploymentStatusType", ...] = ("Created", "Queued", "InProgress", "Baking", "Ready")
# Without an application or a group there is no month. Any other error could hide a running release, and is raised.
_NOT_THERE = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


@dataclass(frozen=True, kw_only=True)
class RunningDeployment:
    """A deployment that has not ended."""

    deployment_id: str  # such as ``d-ABCDEF123``
    status: str  # such as ``InProgress``
    created: datetime | None  # when it was started
    creator: str  # who started it: ``user``, ``autoscaling`` or ``codeDeployRollback``
    goes_back: bool = False  # whether `hannibal rollback` began it


def running_deployments(aws: Aws) -> tuple[RunningDeployment, ...]:
    """The running releases; none where CodeDeploy has no application or group of the installation."""
    return tuple(_read_deployment(aws, identifier) for identifier in deployment_ids(aws, includeOnlyStatuses=_RUNNING))


def deployment_ids(aws: Aws, **wanted: Any) -> list[str]:
    """Ids of the installation's deployments, by parameters of ListDeployments; none where its group does not exist."""
    with ignoring(*_NOT_THERE):
        pages = aws.codedeploy.get_paginator("list_deployments").paginate(
            applicationName=aws.names.codedeploy_application, deploymentGroupName=aws.names.codedeploy_group, **wanted
        )
        return [identifier for page in pages for identifier in page["deployments"]]
    return []


def deployment_group(aws: Aws) -> "DeploymentGroupInfoTypeDef | None":
    """The installation's deployment group; None where it does not exist."""
    with ignoring(*_NOT_THERE):
        return aws.codedeploy.get_deployment_group(
            applicationName=aws.names.codedeploy_application, deploymentGroupName=aws.names.codedeploy_group
        )["deploymentGroupInfo"]
    return None


def running_release_refusals(aws: Aws) -> Iterator[str]:
    """Why nothing else may change the service while a release runs, with what to do."""
    for it in running_deployments(aws):
        yield (
            f"a release is running: {it.deployment_id} is {it.status}. Wait for its end (`hannibal release --wait`), "
            "or roll it back (`hannibal rollback`)"
        )


def is_rollback(info: "DeploymentInfoTypeDef") -> bool:
    """Whether `hannibal rollback` began a deployment, according to its description."""
    return info.get("description", "").startswith("rollback by ")


def _read_deployment(aws: Aws, identifier: str) -> RunningDeployment:
    info = aws.codedeploy.get_deployment(deploymentId=identifier).get("deploymentInfo", {})
    return RunningDeployment(
        deployment_id=identifier,
        status=info.get("status", "unknown"),
        created=info.get("createTime"),
        creator=info.get("creator", "user"),
        goes_back=is_rollback(info),
    )
