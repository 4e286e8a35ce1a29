"""Target tracking policies.

Source: Application Auto Scaling API reference, PutScalingPolicy; user guide, "Target tracking scaling policies".
"""

import time
import uuid

from embedded_aws.application_autoscaling.store import Record, Store
from embedded_aws.application_autoscaling.targets import DIMENSION, not_found
from embedded_aws.requests import property_rules


class Policies:
    """Implements the operations on scaling policies."""

    def __init__(self, store: Store, *, account: str, region: str) -> None:
        self._store = store
        self._prefix = f"arn:aws:autoscaling:{region}:{account}:scalingPolicy:"

    def put(self, request: Record) -> Record:
        """Create or replace a policy."""
        resource, name = str(request.get("ResourceId", "")), str(request.get("PolicyName", ""))
        if resource not in self._store.targets:
            raise not_found("target", resource)
        property_rules.check("scaling policy", request)
        policies = self._store.policies.setdefault(resource, {})
        identifier = f"{uuid.uuid4()}:resource/ecs/{resource}:policyName/{name}"
        known = policies.get(name) or {"PolicyARN": f"{self._prefix}{identifier}", "CreationTime": time.time()}
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

    def delete(self, request: Record) -> Record:
        """Remove a policy."""
        resource = str(request.get("ResourceId", ""))
        if self._store.policies.get(resource, {}).pop(request.get("PolicyName", ""), None) is None:
            raise not_found("policy", resource)
        return {}

    def describe(self, request: Record) -> Record:
        """List policies."""
        resource, names = request.get("ResourceId"), request.get("PolicyNames")
        found = [
            policy
            for key, policies in self._store.policies.items()
            for name, policy in policies.items()
            if (not resource or key == resource) and (not names or name in names)
        ]
        return {"ScalingPolicies": found}
