"""Scalable targets: which service, how many tasks, and whether scaling is suspended.

Source: Application Auto Scaling API reference, RegisterScalableTarget.
"""

import time
import uuid
from functools import partial
from typing import Final

from embedded_aws.application_autoscaling.store import SERVICE, Record, Store
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator as ecs

DIMENSION: Final = "ecs:service:DesiredCount"
invalid = partial(Refusal, SERVICE, "ValidationException")
_SUSPENDABLE: Final = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class Targets:
    """Implements the operations on scalable targets."""

    def __init__(self, store: Store, *, account: str, region: str) -> None:
        self._store = store
        self._prefix = f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/"
        self._role = (
            f"arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService"
        )

    def register(self, request: Record) -> Record:
        """Create a target, or update the given members of an existing one."""
        resource = require_service(request)
        known = self._store.targets.get(resource)
        least, most = (request.get(name, (known or {}).get(name)) for name in ("MinCapacity", "MaxCapacity"))
        if least is None or most is None:
            raise invalid("MinCapacity and MaxCapacity are required to register a scalable target")
        if int(most) < int(least):
            raise invalid("Maximum capacity cannot be less than minimum capacity")
        suspended = dict.fromkeys(_SUSPENDABLE, False) | (known or {}).get("SuspendedState", {})
        suspended |= request.get("SuspendedState") or {}
        target = known or {
            "ServiceNamespace": "ecs",
            "ResourceId": resource,
            "ScalableDimension": DIMENSION,
            "RoleARN": self._role,
            "CreationTime": time.time(),
            "ScalableTargetARN": f"{self._prefix}{uuid.uuid4().hex[:23]}",
        }
        target |= {"MinCapacity": int(least), "MaxCapacity": int(most), "SuspendedState": suspended}
        self._store.targets[resource] = target
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def deregister(self, request: Record) -> Record:
        """Remove a target with its policies."""
        resource = request.get("ResourceId", "")
        if self._store.targets.pop(resource, None) is None:
            raise not_found("target", resource)
        self._store.policies.pop(resource, None)
        return {}

    def describe(self, request: Record) -> Record:
        """List targets."""
        wanted = request.get("ResourceIds")
        found = [target for key, target in self._store.targets.items() if not wanted or key in wanted]
        return {"ScalableTargets": found if request.get("ServiceNamespace") == "ecs" else []}


def require_service(request: Record) -> str:
    """The resource of a request; refuse anything but an existing ECS service."""
    resource = str(request.get("ResourceId", ""))
    if request.get("ServiceNamespace") != "ecs" or request.get("ScalableDimension") != DIMENSION:
        raise invalid("Unsupported service namespace, resource type or scalable dimension")
    service = ecs.services.get(resource.removeprefix("service/"))
    if service is None or service["status"] != "ACTIVE":
        raise invalid(f"ECS service doesn't exist: {resource}")
    return resource


def not_found(kind: str, resource: str) -> Refusal:
    """The error for a missing target or policy."""
    return Refusal(
        SERVICE,
        "ObjectNotFoundException",
        f"No scalable {kind} found for service namespace: ecs, resource ID: {resource}, "
        f"scalable dimension: {DIMENSION}",
    )
