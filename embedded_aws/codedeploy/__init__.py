"""CodeDeploy: blue/green deployments of ECS services, as on AWS."""

from functools import partial

from embedded_aws.codedeploy import cloudformation
from embedded_aws.codedeploy.applications import Applications, resource
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.deployments import Deployments
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.codedeploy.runner import DeploymentRunner
from embedded_aws.codedeploy.store import SERVICE, Store
from embedded_aws.codedeploy.targets import Targets
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import add_json_service
from embedded_aws.iam.authorization import resources


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation types, and resume deployments that a restart interrupted."""
    store = Store()
    context.persist("codedeploy", store.saved, store.restore)
    configurations = Configurations(store)
    applications = Applications(store)
    groups = Groups(store, configurations)
    runner = DeploymentRunner(context=context, store=store, configurations=configurations)
    deployments = Deployments(store, configurations, start=runner.start)
    targets = Targets(store)
    runner.create_rollback = deployments.create_rollback
    add_json_service(
        context,
        "codedeploy",
        target_prefix="CodeDeploy_20141006",
        service=SERVICE,
        operations={
            "CreateApplication": applications.create,
            "GetApplication": applications.get,
            "ListApplications": applications.list,
            "DeleteApplication": applications.delete,
            "CreateDeploymentGroup": groups.create,
            "GetDeploymentGroup": groups.get,
            "ListDeploymentGroups": groups.list,
            "UpdateDeploymentGroup": groups.update,
            "DeleteDeploymentGroup": groups.delete,
            "CreateDeploymentConfig": configurations.create,
            "GetDeploymentConfig": configurations.get,
            "CreateDeployment": deployments.create,
            "GetApplicationRevision": deployments.get_revision,
            "GetDeployment": deployments.get,
            "BatchGetDeployments": deployments.batch_get,
            "ListDeployments": deployments.list,
            "StopDeployment": deployments.stop,
            "ContinueDeployment": deployments.continue_,
            "PutLifecycleEventHookExecutionStatus": deployments.put_hook_status,
            "ListDeploymentTargets": targets.list,
            "GetDeploymentTarget": targets.get,
        },
    )
    resources.FINDERS["codedeploy"] = partial(resource, store)
    cloudformation.register_types(applications, groups)
    context.on_start(runner.resume)
    context.on_stop(runner.stop)
