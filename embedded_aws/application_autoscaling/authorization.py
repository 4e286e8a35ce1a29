"""What a call is about, so that policies on scalable targets and their conditions are enforced.

Source: service authorization reference, "Actions, resources, and condition keys for AWS Application Auto Scaling".
"""

from typing import Any, Final

from ministack.core import iam_actions

from embedded_aws.application_autoscaling.store import Store
from embedded_aws.core.patching import Function, wrap
from embedded_aws.iam.authorization.resources import read_request

_SERVICE: Final = "application-autoscaling"


class Authorization:
    """Names the target of each call, and its dimension; what only describes knows no resource."""

    def __init__(self, store: Store, *, account: str, region: str) -> None:
        self._store = store
        self._prefix = f"arn:aws:{_SERVICE}:{region}:{account}:scalable-target/"

    def install(self) -> None:
        """Let the emulator ask here."""
        wrap(iam_actions, "extract_resource_arn", self.resource)
        wrap(iam_actions, "request_tag_context", keys_of_request)

    def resource(
        self, original: Function, service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        """The ARN that a policy must allow the call on, or ``*``."""
        if service != _SERVICE:
            return original(service, method, path, headers, body, *rest)
        if headers.get("x-amz-target", "").rpartition(".")[2].startswith("Describe"):
            return "*"
        known = self._store.targets.get(str(read_request(body, {}).get("ResourceId")))
        return known["ScalableTargetARN"] if known else f"{self._prefix}new"


def keys_of_request(
    original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]
) -> Any:
    """The condition keys of a call."""
    keys = original(service, action, body, parameters)
    if service != _SERVICE:
        return keys
    request = read_request(body, parameters)
    named = {"scalable-dimension": "ScalableDimension", "service-namespace": "ServiceNamespace"}
    return keys | {f"{_SERVICE}:{key}": request[name] for key, name in named.items() if request.get(name)}
