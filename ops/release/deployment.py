"""CodeDeploy's side of a release: creates, reads and stops deployments."""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, ignoring, message_of
from ops.errors import RefusedError
from ops.release.revision import read_revision
from ops.service.deployments import is_rollback, running_deployments
from ops.service.ecs_service import read_capacity

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef, RevisionLocationTypeDef

ENDED = ("Succeeded", "Failed", "Stopped")
# The event after which test traffic reaches the new tasks, but users do not yet.
VERIFICATION_EVENT = "AfterAllowTestTraffic"
# The deployment's description, with facts that CodeDeploy does not store elsewhere.
_DESCRIPTION = re.compile(
    r"^(release|rollback)\b.* by (?P<who>\S+)"
    r"( \(configuration of (?P<like>\S+), in place of (?P<replaced>\S+)\))?$"
)
_LONGEST_DESCRIPTION = 256  # CodeDeploy user guide, "CodeDeploy quotas"; an image by its digest has no room


@dataclass(frozen=True, kw_only=True)
class DeploymentRequest:
    """A request for a deployment."""

    task_definition: str  # ARN of the revision to run
    container_port: int  # the container's port for the load balancer
    configuration: str  # how traffic moves
    hook: str | None  # function that verifies the new tasks; None for none
    # Whether an alarm ends it. A release that repairs the cause of an alarm must not be ended by it.
    watch_alarms: bool
    back: bool  # whether it is a rollback to an earlier image or configuration
    like: str  # family and number of the revision whose configuration it takes
    replaced: str  # family and number of the revision that it replaces
    who: str  # ARN of the caller


@dataclass(frozen=True, kw_only=True)
class DeploymentState:
    """The state of a deployment."""

    deployment_id: str  # such as ``d-ABCDEF123``
    status: str  # such as ``InProgress``
    configuration: str  # deployment configuration
    task_definition: str  # ARN, or family and number
    hook: str  # the first function that verifies it; empty if its AppSpec has none
    like: str  # family and number of the revision whose configuration it takes; empty if that is not known
    replaced: str  # family and number of the revision that ran before it; empty if that is not known
    goes_back: bool  # whether `hannibal rollback` has begun it
    who: str  # ARN of the caller, if known; ``codeDeployRollback`` for CodeDeploy itself
    created: datetime  # when it was started
    completed: datetime | None  # when it ended; None while it runs
    baking: bool  # whether all traffic has moved, and the old tasks wait for termination
    error_code: str  # why it ended early, such as ``ALARM_ACTIVE``
    error: str  # the same in AWS's words
    rollback_id: str  # the deployment by which CodeDeploy rolls this one back
    rolls_back: str  # the deployment that this one rolls back
    rolls_back_by_itself: bool  # whether CodeDeploy rolls it back when it fails

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED


def create_deployment(aws: Aws, request: DeploymentRequest) -> str:
    """Create a deployment; returns its id. RefusedError where another one began first."""
    names = aws.names
    content = json.dumps(app_spec(aws, request))
    digest = hashlib.sha256(content.encode()).hexdigest()
    # An alarm in ALARM would at once end the release that repairs its cause (API reference,
    # overrideAlarmConfiguration).
    override: dict[str, Any] = {} if request.watch_alarms else {"overrideAlarmConfiguration": {"enabled": False}}
    prefix = f"{'rollback' if request.back else 'release'} by {request.who}"
    suffix = f" (configuration of {request.like}, in place of {request.replaced})"
    try:
        return aws.codedeploy.create_deployment(
            applicationName=names.codedeploy_application,
            deploymentGroupName=names.codedeploy_group,
            deploymentConfigName=request.configuration,
            description=prefix[: _LONGEST_DESCRIPTION - len(suffix)] + suffix,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}},
            **override,
        )["deploymentId"]
    except ClientError as error:
        if code_of(error) != "DeploymentLimitExceededException":
            raise
        for running in running_deployments(aws):
            # botocore repeats a request whose answer was lost, and CodeDeploy has no tokens: the running deployment is
            # this one.
            if read_deployment(aws, running.deployment_id).task_definition == request.task_definition:
                return running.deployment_id
        raise RefusedError(
            f"another release came first: {message_of(error)}", "Watch it: `hannibal release --wait`"
        ) from error


def app_spec(aws: Aws, request: DeploymentRequest) -> Mapping[str, Any]:
    """The AppSpec of a deployment.

    The network stays the service's. Capacity does not: without a strategy in the AppSpec, CodeDeploy removes the
    service's, and starts the new tasks on demand (aws/containers-roadmap #1752, kayac/ecspresso #313).
    """
    properties = {
        "TaskDefinition": request.task_definition,
        "LoadBalancerInfo": {"ContainerName": aws.names.container, "ContainerPort": request.container_port},
        "CapacityProviderStrategy": [
            {"CapacityProvider": item["capacityProvider"], "Base": item.get("base", 0), "Weight": item.get("weight", 0)}
            for item in read_capacity(aws)
        ],
    }
    service = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    content: dict[str, Any] = {"version": 0.0, "Resources": [service]}
    if request.hook:
        content["Hooks"] = [{VERIFICATION_EVENT: request.hook}]
    return content


def stop_deployment(aws: Aws, deployment_id: str) -> bool:
    """Stop a deployment with rollback; False where it has already ended.

    It may have ended by itself, by an alarm, by another operator, or by this request, which botocore has repeated.
    """
    with ignoring("DeploymentAlreadyCompletedException"):
        aws.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
        return True
    return False


def read_deployment(aws: Aws, deployment_id: str) -> DeploymentState:
    """A deployment by its id."""
    return state_of(with_app_spec(aws, aws.codedeploy.get_deployment(deploymentId=deployment_id)["deploymentInfo"]))


def image_of(aws: Aws, deployment: DeploymentState) -> str:
    """The image of a deployment; empty where its AppSpec names no revision, or a deleted one."""
    with ignoring("ClientException"):
        return read_revision(aws, deployment.task_definition).image if deployment.task_definition else ""
    return ""


def with_app_spec(aws: Aws, info: "DeploymentInfoTypeDef") -> "DeploymentInfoTypeDef":
    """A deployment with its AppSpec, of which GetDeployment returns only the digest (API reference, GetDeployment)."""
    revision = info.get("revision", {})
    named = revision.get("appSpecContent", {})
    if "sha256" in named and "content" not in named:
        application = aws.names.codedeploy_application
        with ignoring("RevisionDoesNotExistException", "ApplicationDoesNotExistException"):
            answer = aws.codedeploy.get_application_revision(applicationName=application, revision=revision)
            return {**info, "revision": answer["revision"]}
    return info


def state_of(info: "DeploymentInfoTypeDef") -> DeploymentState:
    """The state of a deployment, from CodeDeploy's answer."""
    match = _DESCRIPTION.match(info.get("description", ""))
    creator = str(info.get("creator", "user"))
    error = info.get("errorInformation", {})
    rollback, spec = info.get("rollbackInfo", {}), _app_spec(info.get("revision", {}))
    return DeploymentState(
        deployment_id=info.get("deploymentId", ""),
        status=info.get("status", ""),
        configuration=info.get("deploymentConfigName", ""),
        task_definition=_task_definition(spec),
        hook=_hook(spec),
        like=(match["like"] or "") if match else "",
        replaced=(match["replaced"] or "") if match else "",
        goes_back=is_rollback(info),
        who=match["who"] if match else creator,
        created=info["createTime"],
        completed=info.get("completeTime"),
        baking=info.get("instanceTerminationWaitTimeStarted", False),
        error_code=str(error.get("code", "")),
        error=error.get("message", ""),
        rollback_id=rollback.get("rollbackDeploymentId", ""),
        rolls_back=rollback.get("rollbackTriggeringDeploymentId", ""),
        rolls_back_by_itself=info.get("autoRollbackConfiguration", {}).get("enabled", False),
    )


def _app_spec(revision: "RevisionLocationTypeDef") -> Any:
    """A parsed AppSpec; people write them in YAML, which includes JSON."""
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    with suppress(yaml.YAMLError, RecursionError):
        # All values as texts, so that invalid dates and tags are no errors.
        return yaml.load(content, yaml.BaseLoader)  # noqa: S506 - makes nothing but texts, lists and mappings
    return None


def _task_definition(spec: Any) -> str:
    with suppress(KeyError, TypeError, ValueError, AttributeError):  # an AppSpec of another tool
        (resource,) = spec["Resources"]
        (service,) = resource.values()
        return str(service["Properties"]["TaskDefinition"])
    return ""


def _hook(spec: Any) -> str:
    with suppress(KeyError, TypeError, AttributeError):
        return next((str(function) for hook in spec["Hooks"] for function in hook.values()), "")
    return ""
