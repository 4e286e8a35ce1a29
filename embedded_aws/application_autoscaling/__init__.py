"""Application Auto Scaling: the tasks of ECS services follow a metric, as the AWS service lets them."""

from embedded_aws.application_autoscaling import api
from embedded_aws.application_autoscaling.authorization import Authorization
from embedded_aws.application_autoscaling.cloudformation import ScalingTypes
from embedded_aws.application_autoscaling.policies import Policies
from embedded_aws.application_autoscaling.store import SERVICE, Store
from embedded_aws.application_autoscaling.targets import Targets
from embedded_aws.application_autoscaling.tracking import Tracking
from embedded_aws.core.background import Ticker
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import add_json_service


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation types, and let it scale."""
    scope = {"account": context.account, "region": context.region}
    store = Store()
    context.persist("application_autoscaling", store.saved, store.restore)
    targets, policies = Targets(store, **scope), Policies(store, **scope)
    answers = api.operations(targets, policies, store)
    add_json_service(
        context,
        "application-autoscaling",
        target_prefix="AnyScaleFrontendService",
        service=SERVICE,
        operations=answers,
    )
    Authorization(store, **scope).install()
    ScalingTypes(targets, policies).register()
    tracking = Tracking(store, context.clock_factor)
    Ticker(context, tracking.tick, name="application-autoscaling", seconds=tracking.minute)
