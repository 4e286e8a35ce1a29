"""The service's front: which operation answers which call."""

import json
from collections.abc import Callable

from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.deployments import Deployments
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.codedeploy.store import Record
from embedded_aws.codedeploy.targets import Targets
from embedded_aws.core.patching import Response, ServiceHandler
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator as ecs

Operation = Callable[[Record], Record]
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def operations(
    applications: Applications,
    groups: Groups,
    configurations: Configurations,
    deployments: Deployments,
    targets: Targets,
) -> dict[str, Operation]:
    """Name every operation that is answered."""
    return {
        "CreateApplication": applications.create,
        "GetApplication": applications.get,
        "BatchGetApplications": applications.batch_get,
        "ListApplications": applications.list,
        "UpdateApplication": applications.update,
        "DeleteApplication": applications.delete,
        "ListTagsForResource": applications.list_tags,
        "TagResource": applications.tag,
        "UntagResource": applications.untag,
        "CreateDeploymentGroup": groups.create,
        "GetDeploymentGroup": groups.get,
        "BatchGetDeploymentGroups": groups.batch_get,
        "ListDeploymentGroups": groups.list,
        "UpdateDeploymentGroup": groups.update,
        "DeleteDeploymentGroup": groups.delete,
        "CreateDeploymentConfig": configurations.create,
        "GetDeploymentConfig": configurations.get,
        "ListDeploymentConfigs": configurations.list,
        "DeleteDeploymentConfig": configurations.delete,
        "CreateDeployment": deployments.create,
        "GetDeployment": deployments.get,
        "BatchGetDeployments": deployments.batch_get,
        "ListDeployments": deployments.list,
        "StopDeployment": deployments.stop,
        "ContinueDeployment": deployments.continue_,
        "PutLifecycleEventHookExecutionStatus": deployments.put_hook_status,
        "ListDeploymentTargets": targets.list,
        "GetDeploymentTarget": targets.get,
        "BatchGetDeploymentTargets": targets.batch_get,
    }


def handler(answers: dict[str, Operation], *, account: str, region: str) -> ServiceHandler:
    """Make the handler of the service's requests."""

    async def handle(
        _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
    ) -> Response:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if (operation := answers.get(name)) is None:
            message = f"The embedded AWS has no operation {name}."
            return Refusal("CodeDeploy", "UnknownOperationException", message).as_json()
        try:
            with ecs.scope(account, region):
                answer = operation(json.loads(body or b"{}"))
        except Refusal as refusal:
            return refusal.as_json()
        return 200, dict(_JSON), json.dumps(answer).encode()

    return handle
