"""Target tracking: sets the number of tasks that keeps the metric near its target, once a minute.

Scales out after three minutes above the target, and in after fifteen minutes below 90 % of it. AWS creates alarms for
this, which are not created here (Application Auto Scaling user guide, "Target tracking scaling policies").
"""

import logging
import math
import time
import uuid
from dataclasses import dataclass, field
from typing import Final

from embedded_aws.application_autoscaling.operations import DIMENSION, Record, Store
from embedded_aws.cloudwatch.alarms import value_of_metric, value_of_queries
from embedded_aws.cloudwatch.metric_math import Value
from embedded_aws.ecs import emulator as ecs

_MINUTE: Final = 60.0
# Metrics have whole seconds, so minutes shorter than two seconds would sometimes be without data.
_SHORTEST_MINUTE: Final = 2.0
_MINUTES_OUT: Final = 3
_MINUTES_IN: Final = 15
_SCALES_IN_BELOW: Final = 0.9
_COOLDOWN_SECONDS: Final = 300.0

logger = logging.getLogger("embedded_aws.application_autoscaling")


@dataclass
class Tracking:
    """Compares the metrics with their targets once a minute of the emulated clock."""

    store: Store
    clock_factor: float
    _scaled_at: dict[str, float] = field(default_factory=dict)

    @property
    def minute(self) -> float:
        """A minute of the emulated clock, in real seconds."""
        return max(_SHORTEST_MINUTE, _MINUTE / self.clock_factor)

    def tick(self) -> None:
        """Scale every target whose metric requires it."""
        for resource, target in list(self.store.targets.items()):
            try:
                self._track(resource, target)
            except Exception:
                # A target that cannot be scaled, for example after its service was deleted, must not stop the others.
                logger.exception("scaling %s", resource)

    def _track(self, resource: str, target: Record) -> None:
        service = ecs.services.get(resource.removeprefix("service/"))
        if service is None or service["status"] != "ACTIVE":
            return
        current = int(service["desiredCount"])
        for policy in self.store.policies.get(resource, {}).values():
            configuration = policy["TargetTrackingScalingPolicyConfiguration"]
            values = [self._value(resource, configuration, minute) for minute in range(_MINUTES_IN)]
            desired = wanted_count(current, values, configuration["TargetValue"])
            if desired < current and len(service.get("taskSets") or []) > 1:
                desired = current  # no scaling in while a deployment is in progress (ECS developer guide)
            desired = min(max(desired, target["MinCapacity"]), target["MaxCapacity"])
            suspended = target["SuspendedState"][f"DynamicScaling{'Out' if desired > current else 'In'}Suspended"]
            is_cooldown_over = self._is_cooldown_over(resource, configuration, out=desired > current)
            if desired != current and not suspended and is_cooldown_over:
                self._scale(resource, policy["PolicyName"], current, desired)
                return

    def _value(self, resource: str, configuration: Record, minute: int) -> Value:
        """The metric's value in a minute; minute 0 is the latest."""
        period = self.minute
        end = time.time() - minute * period
        if customized := configuration.get("CustomizedMetricSpecification"):
            return value_of_queries(customized["Metrics"], end - period, end)
        _, cluster, name = resource.split("/")
        metric = {
            "Namespace": "AWS/ECS",
            "MetricName": "CPUUtilization",
            "Dimensions": [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": name}],
        }
        return value_of_metric(metric, "Average", end - period, end)

    def _is_cooldown_over(self, resource: str, configuration: Record, *, out: bool) -> bool:
        seconds = float(configuration.get("ScaleOutCooldown" if out else "ScaleInCooldown", _COOLDOWN_SECONDS))
        return time.monotonic() - self._scaled_at.get(resource, float("-inf")) >= seconds / self.clock_factor

    def _scale(self, resource: str, policy: str, current: int, desired: int) -> None:
        cluster, _, name = resource.removeprefix("service/").partition("/")
        ecs.call("UpdateService", {"cluster": cluster, "service": name, "desiredCount": desired})
        self._scaled_at[resource] = time.monotonic()
        now = time.time()
        self.store.add_activity(
            {
                "ActivityId": str(uuid.uuid4()),
                "ServiceNamespace": "ecs",
                "ResourceId": resource,
                "ScalableDimension": DIMENSION,
                "Description": f"Setting desired count to {desired}.",
                "Cause": f"monitor alarm of policy {policy} triggered a change of the desired count from {current}",
                "StartTime": now,
                "EndTime": now,
                "StatusCode": "Successful",
                "StatusMessage": f"Successfully set desired count to {desired}. Change successfully fulfilled by ecs.",
            }
        )


def wanted_count(current: int, values: list[Value], target: float) -> int:
    """The number of tasks that keeps the metric at its target; the current number if no change is necessary.

    Args:
        values: for each minute, the latest first; None without data.
    """
    latest = values[:_MINUTES_OUT]
    proportional = math.ceil(current * (values[0] or 0.0) / target)
    if all(value is not None and value > target for value in latest):
        return max(current, proportional)
    if all(value is not None and value < _SCALES_IN_BELOW * target for value in values):
        return min(current, max(1, proportional))
    return current
