"""The service's operations and records: scalable targets, their policies, and scaling activities.

Source: Application Auto Scaling API reference, RegisterScalableTarget and PutScalingPolicy; user guide, "Target
tracking scaling policies".
"""

import copy
import time
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator as ecs
from embedded_aws.requests import property_rules

Record = dict[str, Any]
SERVICE = "ApplicationAutoScaling"
_MOST_ACTIVITIES = 50
DIMENSION: Final = "ecs:service:DesiredCount"
_invalid = partial(Refusal, SERVICE, "ValidationException")
_ROLE: Final = "ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
_SUSPENDABLE: Final = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@dataclass
class Store:
    """The service: its records by resource id, such as ``service/cluster/name``, policies also by name."""

    targets: dict[str, Record] = field(default_factory=dict)
    policies: dict[str, dict[str, Record]] = field(default_factory=dict)
    activities: list[Record] = field(default_factory=list)
    account: str = ""
    region: str = ""

    def saved(self) -> Any:
        """The records for the saved state."""
        return copy.deepcopy({"targets": self.targets, "policies": self.policies, "activities": self.activities})

    def restore(self, saved: Any) -> None:
        """Take the records from the saved state."""
        self.targets, self.policies, self.activities = saved["targets"], saved["policies"], saved["activities"]

    def register(self, request: Record) -> Record:
        """Create a target, or update the given members of an existing one."""
        resource = _require_service(request)
        existing = self.targets.get(resource)
        minimum, maximum = (request.get(name, (existing or {}).get(name)) for name in ("MinCapacity", "MaxCapacity"))
        if minimum is None or maximum is None:
            raise _invalid("MinCapacity and MaxCapacity are required to register a scalable target")
        if int(maximum) < int(minimum):
            raise _invalid("Maximum capacity cannot be less than minimum capacity")
        suspended = dict.fromkeys(_SUSPENDABLE, False) | (existing or {}).get("SuspendedState", {})
        suspended |= request.get("SuspendedState") or {}
        prefix = f"arn:aws:application-autoscaling:{self.region}:{self.account}"
        target = existing or {
            "ServiceNamespace": "ecs",
            "ResourceId": resource,
            "ScalableDimension": DIMENSION,
            "RoleARN": f"arn:aws:iam::{self.account}:role/aws-service-role/{_ROLE}",
            "CreationTime": time.time(),
            "ScalableTargetARN": f"{prefix}:scalable-target/{uuid.uuid4().hex[:23]}",
        }
        target |= {"MinCapacity": int(minimum), "MaxCapacity": int(maximum), "SuspendedState": suspended}
        self.targets[resource] = target
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def deregister(self, request: Record) -> Record:
        """Remove a target with its policies."""
        resource = request.get("ResourceId", "")
        if self.targets.pop(resource, None) is None:
            raise _not_found("target", resource)
        self.policies.pop(resource, None)
        return {}

    def describe_targets(self, request: Record) -> Record:
        """List targets."""
        wanted = request.get("ResourceIds")
        found = [target for key, target in self.targets.items() if not wanted or key in wanted]
        return {"ScalableTargets": found if request.get("ServiceNamespace") == "ecs" else []}

    def put_policy(self, request: Record) -> Record:
        """Create or replace a policy."""
        resource, name = str(request.get("ResourceId", "")), str(request.get("PolicyName", ""))
        if resource not in self.targets:
            raise _not_found("target", resource)
        property_rules.check("scaling policy", request)
        policies = self.policies.setdefault(resource, {})
        identifier = f"{uuid.uuid4()}:resource/ecs/{resource}:policyName/{name}"
        arn = f"arn:aws:autoscaling:{self.region}:{self.account}:scalingPolicy:{identifier}"
        known = policies.get(name) or {"PolicyARN": arn, "CreationTime": time.time()}
        policies[name] = known | {
            "PolicyName": name,
            "ServiceNamespace": "ecs",
            "ResourceId": resource,
            "ScalableDimension": DIMENSION,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": request["TargetTrackingScalingPolicyConfiguration"],
            "Alarms": [],
        }
        return {"PolicyARN": policies[name]["PolicyARN"], "Alarms": []}

    def delete_policy(self, request: Record) -> Record:
        """Remove a policy."""
        resource = str(request.get("ResourceId", ""))
        if self.policies.get(resource, {}).pop(request.get("PolicyName", ""), None) is None:
            raise _not_found("policy", resource)
        return {}

    def describe_policies(self, request: Record) -> Record:
        """List policies."""
        resource, names = request.get("ResourceId"), request.get("PolicyNames")
        of_resource = [self.policies.get(resource, {})] if resource else self.policies.values()
        found = [it for policies in of_resource for name, it in policies.items() if not names or name in names]
        return {"ScalingPolicies": found}

    def describe_activities(self, request: Record) -> Record:
        """Implements DescribeScalingActivities."""
        wanted = request.get("ResourceId")
        return {"ScalingActivities": [each for each in self.activities if wanted in (None, each["ResourceId"])]}

    def add_activity(self, activity: Record) -> None:
        """Add an activity at the beginning of the list."""
        self.activities.insert(0, activity)
        del self.activities[_MOST_ACTIVITIES:]


def _require_service(request: Record) -> str:
    """The resource of a request; refuse anything but an existing ECS service."""
    resource = str(request.get("ResourceId", ""))
    if request.get("ServiceNamespace") != "ecs" or request.get("ScalableDimension") != DIMENSION:
        raise _invalid("Unsupported service namespace, resource type or scalable dimension")
    service = ecs.services.get(resource.removeprefix("service/"))
    if service is None or service["status"] != "ACTIVE":
        raise _invalid(f"ECS service doesn't exist: {resource}")
    return resource


def _not_found(kind: str, resource: str) -> Refusal:
    named = f"service namespace: ecs, resource ID: {resource}, scalable dimension: {DIMENSION}"
    return Refusal(SERVICE, "ObjectNotFoundException", f"No scalable {kind} found for {named}")
