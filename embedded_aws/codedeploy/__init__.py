"""CodeDeploy: releases to ECS services by blue/green deployments, as the AWS service carries them out."""

from embedded_aws.codedeploy import api
from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.authorization import Authorization
from embedded_aws.codedeploy.cloudformation import CodeDeployTypes
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.deployments import Deployments
from embedded_aws.codedeploy.engine import Engine
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.codedeploy.store import Store
from embedded_aws.codedeploy.targets import Targets
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import add_json_service


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation types, and go on with what a restart interrupted."""
    scope = {"account": context.account, "region": context.region}
    store = Store()
    context.persist("codedeploy", store.saved, store.restore)
    configurations = Configurations(store)
    applications = Applications(store, **scope)
    groups = Groups(store, configurations, **scope)
    engine = Engine(context=context, store=store, configurations=configurations)
    deployments = Deployments(store, configurations, groups, start=engine.start)
    engine.create_rollback = deployments.create_rollback
    answers = api.operations(applications, groups, configurations, deployments, Targets(store))
    add_json_service(
        context, "codedeploy", target_prefix="CodeDeploy_20141006", service="CodeDeploy", operations=answers
    )
    Authorization(store, **scope).install()
    CodeDeployTypes(applications, groups, configurations).register()
    context.on_start(engine.resume)
    context.on_stop(engine.stop)
