"""Application Auto Scaling: adjusts the tasks of ECS services to a metric, as the AWS service does.

Source of resources and condition keys: service authorization reference, "Actions, resources, and condition keys for AWS
Application Auto Scaling".
"""

from functools import partial
from typing import Any, Final

from ministack.core import iam_actions

from embedded_aws.application_autoscaling import cloudformation
from embedded_aws.application_autoscaling.operations import SERVICE, Record, Store
from embedded_aws.application_autoscaling.tracking import Tracking
from embedded_aws.core.background import Ticker
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import add_json_service
from embedded_aws.core.patching import Function, wrap
from embedded_aws.iam.authorization import resources
from embedded_aws.iam.authorization.resources import read_request

_SERVICE: Final = "application-autoscaling"


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation types, and start scaling."""
    store = Store(account=context.account, region=context.region)
    context.persist("application_autoscaling", store.saved, store.restore)
    add_json_service(
        context,
        "application-autoscaling",
        target_prefix="AnyScaleFrontendService",
        service=SERVICE,
        operations={
            "RegisterScalableTarget": store.register,
            "DeregisterScalableTarget": store.deregister,
            "DescribeScalableTargets": store.describe_targets,
            "PutScalingPolicy": store.put_policy,
            "DeleteScalingPolicy": store.delete_policy,
            "DescribeScalingPolicies": store.describe_policies,
            "DescribeScalingActivities": store.describe_activities,
        },
    )
    resources.FINDERS["application-autoscaling"] = partial(resource, store)
    wrap(iam_actions, "request_tag_context", keys_of_request)
    cloudformation.register_types(store)
    tracking = Tracking(store, context.clock_factor)
    Ticker(context, tracking.tick, name="application-autoscaling", seconds=tracking.minute)


def resource(store: Store, action: str, request: Record) -> str:
    """The ARN on which a policy must allow the call, or the ARN's end; ``*`` for calls that only describe."""
    if action.startswith("Describe"):
        return "*"
    known = store.targets.get(str(request.get("ResourceId")))
    return str(known["ScalableTargetARN"]) if known else "scalable-target/new"


def keys_of_request(original: Function, service: str, action: str, body: bytes, query: dict[str, list[str]]) -> Any:
    """Add the condition keys of a call: namespace and dimension."""
    keys = original(service, action, body, query)
    if service != _SERVICE:
        return keys
    request = read_request(body, query)
    named = {"scalable-dimension": "ScalableDimension", "service-namespace": "ServiceNamespace"}
    return keys | {f"{_SERVICE}:{key}": request[name] for key, name in named.items() if request.get(name)}
