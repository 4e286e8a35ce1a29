"""Which operation answers which call."""

from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.deployments import Deployments
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.codedeploy.targets import Targets
from embedded_aws.core.json_service import Operation


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
