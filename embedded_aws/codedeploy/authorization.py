"""The resource of a call, so that policies on applications and groups are enforced.

Source: service authorization reference, "Actions, resources, and condition keys for AWS CodeDeploy". Actions that are
not here, like StopDeployment, have no resource there.
"""

from embedded_aws.codedeploy.store import Record, Store

_OF_APPLICATION = (
    "CreateApplication",
    "DeleteApplication",
    "GetApplication",
    "GetApplicationRevision",
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
# Limited to the group of the deployment. The reference has no resource for a hook's answer, but CodeDeploy asks for
# the group (CodeDeploy user guide, "Tutorial: Deploy an Amazon ECS service with a validation test").
_OF_DEPLOYMENT = ("BatchGetDeployments", "GetDeployment", "PutLifecycleEventHookExecutionStatus")
_OF_RESOURCE = ("ListTagsForResource", "TagResource", "UntagResource")


def resource(store: Store, action: str, request: Record) -> str:
    """The end of the ARN that a policy must allow, a whole ARN, or ``*``."""
    application = request.get("applicationName")
    if action in _OF_APPLICATION:
        return f"application:{application}"
    if action in _OF_GROUP:
        group = request.get("deploymentGroupName") or request.get("currentDeploymentGroupName")
        return f"deploymentgroup:{application}/{group}"
    if action in _OF_CONFIGURATION:
        return f"deploymentconfig:{request.get('deploymentConfigName')}"
    if action in _OF_RESOURCE:
        return str(request.get("ResourceArn", "*"))
    if action in _OF_DEPLOYMENT:
        identifier = request.get("deploymentId") or next(iter(request.get("deploymentIds") or ()), "")
        if deployment := store.deployments.get(identifier):
            info = deployment["info"]
            return f"deploymentgroup:{info['applicationName']}/{info['deploymentGroupName']}"
    return "*"
