"""Which resource a call is about, so that policies on applications and groups are enforced.

Source: service authorization reference, "Actions, resources, and condition keys for AWS CodeDeploy". Actions that are
not here, like StopDeployment, know no resource there.
"""

import json
from typing import Any

from ministack.core import iam_actions

from embedded_aws.codedeploy.store import Record, Store
from embedded_aws.core.patching import Function, wrap

_SERVICE = "codedeploy"
_OF_APPLICATION = (
    "CreateApplication",
    "DeleteApplication",
    "GetApplication",
    "ListDeploymentGroups",
    "UpdateApplication",
)
_OF_GROUP = (
    "CreateDeployment",
    "CreateDeploymentGroup",
    "DeleteDeploymentGroup",
    "GetDeploymentGroup",
    "ListDeployments",
    "UpdateDeploymentGroup",
)
_OF_CONFIGURATION = ("CreateDeploymentConfig", "DeleteDeploymentConfig", "GetDeploymentConfig")
# Limited to the group of the deployment. The reference knows no resource of a hook's answer, but CodeDeploy asks for
# the group (CodeDeploy user guide, "Tutorial: Deploy an Amazon ECS service with a validation test").
_OF_DEPLOYMENT = ("BatchGetDeployments", "GetDeployment", "PutLifecycleEventHookExecutionStatus")
_OF_RESOURCE = ("ListTagsForResource", "TagResource", "UntagResource")


class Authorization:
    """Names the resource of each call."""

    def __init__(self, store: Store, *, account: str, region: str) -> None:
        self._store = store
        self._prefix = f"arn:aws:codedeploy:{region}:{account}:"

    def install(self) -> None:
        """Let the emulator check calls of this service; it lets everybody call a service that it does not know."""
        iam_actions.SERVICE_TO_IAM_NAMESPACE[_SERVICE] = _SERVICE
        wrap(iam_actions, "extract_resource_arn", self._resource_arn)

    def _resource_arn(
        self, original: Function, service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        if service != _SERVICE:
            return original(service, method, path, headers, body, *rest)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        return self.resource(action, json.loads(body or b"{}"))

    def resource(self, action: str, request: Record) -> str:
        """Give the ARN that a policy must allow an action on, or ``*``."""
        application = request.get("applicationName")
        if action in _OF_APPLICATION:
            return f"{self._prefix}application:{application}"
        if action in _OF_GROUP:
            group = request.get("deploymentGroupName") or request.get("currentDeploymentGroupName")
            return f"{self._prefix}deploymentgroup:{application}/{group}"
        if action in _OF_CONFIGURATION:
            return f"{self._prefix}deploymentconfig:{request.get('deploymentConfigName')}"
        if action in _OF_RESOURCE:
            return str(request.get("ResourceArn", "*"))
        if action in _OF_DEPLOYMENT:
            return self._group_of(request.get("deploymentId") or next(iter(request.get("deploymentIds") or ()), None))
        return "*"

    def _group_of(self, deployment_id: str | None) -> str:
        deployment = self._store.deployments.get(deployment_id or "")
        if deployment is None:
            return "*"
        info = deployment["info"]
        return f"{self._prefix}deploymentgroup:{info['applicationName']}/{info['deploymentGroupName']}"
