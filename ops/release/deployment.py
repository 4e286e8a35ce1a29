"""CodeDeploy's side of a release: ordering a deployment, reading one, stopping one."""

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
from ops.service.deployments import goes_back, running_deployments
from ops.service.description import read_capacity

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef, RevisionLocationTypeDef

ENDED = ("Succeeded", "Failed", "Stopped")
# The event after which test traffic reaches the new tasks, and users do not yet.
VERIFICATION_EVENT = "AfterAllowTestTraffic"
# What a deployment says about itself, because CodeDeploy keeps none of it.
_DESCRIPTION = re.compile(
    r"^(release|rollback)\b.* by (?P<who>\S+)"
    r"( \(configuration of (?P<like>\S+), in place of (?P<replaced>\S+)\))?$"
)
_LONGEST_DESCRIPTION = 256  # CodeDeploy user guide, "CodeDeploy quotas"; an image by its digest has no room


@dataclass(frozen=True, kw_only=True)
class DeploymentRequest:
    """What a deployment shall do."""

    task_definition: str  # ARN of the revision to run
    container_port: int  # port that the load balancer talks to
    configuration: str  # how traffic moves
    hook: str | None  # function that verifies the new tasks; None for none
    # Whether an alarm ends it. A release that fixes the cause of an alarm must not be ended by it.
    watch_alarms: bool
    back: bool  # whether this goes back to an earlier image or configuration
    like: str  # family and number of the revision whose configuration it takes
    replaced: str  # family and number of the revision that runs until then
    who: str  # ARN of who starts it


@dataclass(frozen=True, kw_only=True)
class DeploymentState:
    """A deployment at one moment."""

    deployment_id: str  # such as ``d-ABCDEF123``
    status: str  # such as ``InProgress``
    configuration: str  # deployment configuration
    task_definition: str  # ARN, or family and number
    hook: str  # the first function that verifies it; empty if its AppSpec names none
    like: str  # family and number of the revision whose configuration it takes; empty if that is not known
    replaced: str  # family and number of the revision that ran before it; empty if that is not known
    goes_back: bool  # whether `hannibal rollback` has begun it
    who: str  # ARN of who started it, as far as known; ``codeDeployRollback`` for CodeDeploy itself
    created: datetime  # when it was started
    completed: datetime | None  # when it ended; None before
    baking: bool  # whether all traffic has moved, and the old tasks wait for their end
    error_code: str  # why it ended before its time, such as ``ALARM_ACTIVE``
    error: str  # the same in AWS's words
    rollback_id: str  # the deployment by which CodeDeploy rolls this one back
    rolls_back: str  # the deployment that this one rolls back
    rolls_back_by_itself: bool  # whether CodeDeploy rolls it back when it breaks

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in ENDED


def create_deployment(aws: Aws, request: DeploymentRequest) -> str:
    """Ask CodeDeploy for a deployment; returns its id.

    Raises:
        RefusedError: another one came first.
    """
    names = aws.names
    content = json.dumps(app_spec(aws, request))
    digest = hashlib.sha256(content.encode()).hexdigest()
    # An alarm that sounds would end at once what is to silence it (API reference, overrideAlarmConfiguration).
    override: dict[str, Any] = {} if request.watch_alarms else {"overrideAlarmConfiguration": {"enabled": False}}
    begin = f"{'rollback' if request.back else 'release'} by {request.who}"
    rest = f" (configuration of {request.like}, in place of {request.replaced})"
    try:
        return aws.codedeploy.create_deployment(
            applicationName=names.codedeploy_application,
            deploymentGroupName=names.codedeploy_group,
            deploymentConfigName=request.configuration,
            description=begin[: _LONGEST_DESCRIPTION - len(rest)] + rest,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}},
            **override,
        )["deploymentId"]
    except ClientError as error:
        if code_of(error) != "DeploymentLimitExceededException":
            raise
        for running in running_deployments(aws):
            # botocore asks once more where an answer was lost, and CodeDeploy takes no token: what runs is this one.
            if read_deployment(aws, running.deployment_id).task_definition == request.task_definition:
                return running.deployment_id
        raise RefusedError(
            f"another release came first: {message_of(error)}", "Watch it: `hannibal release --wait`"
        ) from error


def app_spec(aws: Aws, request: DeploymentRequest) -> Mapping[str, Any]:
    """What CodeDeploy shall run.

    The network stays the service's. Capacity does not: CodeDeploy takes a strategy that is not named away from the
    service, and starts the new tasks on demand (aws/containers-roadmap #1752, kayac/ecspresso #313).
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
    """Stop a deployment and have all traffic go back; False where it has ended already.

    By itself, by an alarm, by another operator, or by this very request, whose answer was lost: botocore asks again.
    """
    with ignoring("DeploymentAlreadyCompletedException"):
        aws.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
        return True
    return False


def read_deployment(aws: Aws, deployment_id: str) -> DeploymentState:
    """A deployment by its id."""
    return state_of(with_app_spec(aws, aws.codedeploy.get_deployment(deploymentId=deployment_id)["deploymentInfo"]))


def image_of(aws: Aws, deployment: DeploymentState) -> str:
    """What a deployment releases; empty where its AppSpec names no revision, or one that was deleted."""
    with ignoring("ClientException"):
        return read_revision(aws, deployment.task_definition).image if deployment.task_definition else ""
    return ""


def with_app_spec(aws: Aws, info: "DeploymentInfoTypeDef") -> "DeploymentInfoTypeDef":
    """A deployment with what its AppSpec says: CodeDeploy tells its digest alone (API reference, GetDeployment)."""
    revision = info.get("revision", {})
    named = revision.get("appSpecContent", {})
    if "sha256" in named and "content" not in named:
        application = aws.names.codedeploy_application
        with ignoring("RevisionDoesNotExistException", "ApplicationDoesNotExistException"):
            answer = aws.codedeploy.get_application_revision(applicationName=application, revision=revision)
            return {**info, "revision": answer["revision"]}
    return info


def state_of(info: "DeploymentInfoTypeDef") -> DeploymentState:
    """What CodeDeploy says about a deployment, as far as a release needs it."""
    described = _DESCRIPTION.match(info.get("description", ""))
    creator = str(info.get("creator", "user"))
    error = info.get("errorInformation", {})
    rollback, spec = info.get("rollbackInfo", {}), _app_spec(info.get("revision", {}))
    return DeploymentState(
        deployment_id=info.get("deploymentId", ""),
        status=info.get("status", ""),
        configuration=info.get("deploymentConfigName", ""),
        task_definition=_task_definition(spec),
        hook=_hook(spec),
        like=(described["like"] or "") if described else "",
        replaced=(described["replaced"] or "") if described else "",
        goes_back=goes_back(info),
        who=described["who"] if described else creator,
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
    """What an AppSpec says; people write theirs in YAML, of which JSON is a part."""
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    with suppress(yaml.YAMLError, RecursionError):
        # All of it as texts: a date that there is not is no error then, nor a tag that does not fit its value.
        return yaml.load(content, yaml.BaseLoader)  # noqa: S506 - makes nothing but texts, lists and mappings
    return None


def _task_definition(spec: Any) -> str:
    with suppress(KeyError, TypeError, ValueError, AttributeError):  # an AppSpec from somewhere else
        (resource,) = spec["Resources"]
        (service,) = resource.values()
        return str(service["Properties"]["TaskDefinition"])
    return ""


def _hook(spec: Any) -> str:
    with suppress(KeyError, TypeError, AttributeError):
        return next((str(function) for hook in spec["Hooks"] for function in hook.values()), "")
    return ""
