"""Application Auto Scaling: adjusts the tasks of ECS services to a metric, as the AWS service does."""

from functools import partial

from ministack.core import iam_actions

from embedded_aws.application_autoscaling import authorization, cloudformation
from embedded_aws.application_autoscaling.policies import Policies
from embedded_aws.application_autoscaling.store import SERVICE, Store
from embedded_aws.application_autoscaling.targets import Targets
from embedded_aws.application_autoscaling.tracking import Tracking
from embedded_aws.core.background import Ticker
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import add_json_service
from embedded_aws.core.patching import wrap
from embedded_aws.iam.authorization import resources


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation types, and start scaling."""
    scope = {"account": context.account, "region": context.region}
    store = Store()
    context.persist("application_autoscaling", store.saved, store.restore)
    targets, policies = Targets(store, **scope), Policies(store, **scope)
    add_json_service(
        context,
        "application-autoscaling",
        target_prefix="AnyScaleFrontendService",
        service=SERVICE,
        operations={
            "RegisterScalableTarget": targets.register,
            "DeregisterScalableTarget": targets.deregister,
            "DescribeScalableTargets": targets.describe,
            "PutScalingPolicy": policies.put,
            "DeleteScalingPolicy": policies.delete,
            "DescribeScalingPolicies": policies.describe,
            "DescribeScalingActivities": store.describe_activities,
        },
    )
    resources.FINDERS["application-autoscaling"] = partial(authorization.resource, store)
    wrap(iam_actions, "request_tag_context", authorization.keys_of_request)
    cloudformation.register_types(targets, policies)
    tracking = Tracking(store, context.clock_factor)
    Ticker(context, tracking.tick, name="application-autoscaling", seconds=tracking.minute)
