"""The resource and condition keys of a call, so that policies on scalable targets are enforced.

Source: service authorization reference, "Actions, resources, and condition keys for AWS Application Auto Scaling".
"""

from typing import Any, Final

from embedded_aws.application_autoscaling.store import Record, Store
from embedded_aws.core.patching import Function
from embedded_aws.iam.authorization.resources import read_request

_SERVICE: Final = "application-autoscaling"


def resource(store: Store, action: str, request: Record) -> str:
    """The ARN on which a policy must allow the call, or the ARN's end; ``*`` for calls that only describe."""
    if action.startswith("Describe"):
        return "*"
    known = store.targets.get(str(request.get("ResourceId")))
    return str(known["ScalableTargetARN"]) if known else "scalable-target/new"


def keys_of_request(
    original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]
) -> Any:
    """Add the condition keys of a call: namespace and dimension."""
    keys = original(service, action, body, parameters)
    if service != _SERVICE:
        return keys
    request = read_request(body, parameters)
    named = {"scalable-dimension": "ScalableDimension", "service-namespace": "ServiceNamespace"}
    return keys | {f"{_SERVICE}:{key}": request[name] for key, name in named.items() if request.get(name)}
