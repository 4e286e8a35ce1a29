"""``AWS::CE::AnomalyMonitor`` and ``AWS::CE::AnomalySubscription``."""

import json
from typing import Final

from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.core.refusal import Refusal
from embedded_aws.cost_explorer.api import AnomalyDetection

# What this type says to any refusal; the service's own message is lost
# (aws-cloudformation/cloudformation-coverage-roadmap #2515).
_SWALLOWED: Final = 'Resource handler returned message: "null" (HandlerErrorCode: AlreadyExists)'


def register_types(detection: AnomalyDetection) -> None:
    """Let templates use anomaly monitors and subscriptions."""
    types = _AnomalyTypes(detection)
    register(
        name="AWS::CE::AnomalyMonitor",
        create=types.create_monitor,
        update=types.update_monitor,
        delete=types.delete_monitor,
    )
    register(
        name="AWS::CE::AnomalySubscription",
        create=types.create_subscription,
        update=types.update_subscription,
        delete=types.delete_subscription,
    )


class _AnomalyTypes:
    def __init__(self, detection: AnomalyDetection) -> None:
        self._call = detection.operations

    def create_monitor(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        monitor = {**properties}
        if "MonitorSpecification" in monitor:
            # A template has JSON as text; the API has an expression.
            monitor["MonitorSpecification"] = json.loads(monitor["MonitorSpecification"])
        try:
            arn = self._call["CreateAnomalyMonitor"]({"AnomalyMonitor": monitor})["MonitorArn"]
        except Refusal as refusal:
            raise ValueError(_SWALLOWED) from refusal
        return arn, {"MonitorArn": arn}

    def update_monitor(self, change: Change) -> Created:
        arn = change.physical_id
        self._call["UpdateAnomalyMonitor"]({"MonitorArn": arn, "MonitorName": change.new["MonitorName"]})
        return arn, {"MonitorArn": arn}

    def delete_monitor(self, physical_id: str, _properties: Properties) -> None:
        self._delete("DeleteAnomalyMonitor", {"MonitorArn": physical_id})

    def create_subscription(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        request = {"AnomalySubscription": _subscription(properties)}
        arn = self._call["CreateAnomalySubscription"](request)["SubscriptionArn"]
        return arn, {"SubscriptionArn": arn}

    def update_subscription(self, change: Change) -> Created:
        arn = change.physical_id
        self._call["UpdateAnomalySubscription"]({"SubscriptionArn": arn, **_subscription(change.new)})
        return arn, {"SubscriptionArn": arn}

    def delete_subscription(self, physical_id: str, _properties: Properties) -> None:
        self._delete("DeleteAnomalySubscription", {"SubscriptionArn": physical_id})

    def _delete(self, operation: str, request: Properties) -> None:
        try:
            self._call[operation](request)
        except Refusal as refused:
            if not refused.code.startswith("Unknown"):
                raise


def _subscription(properties: Properties) -> Properties:
    subscription = {**properties}
    if "ThresholdExpression" in subscription:
        subscription["ThresholdExpression"] = json.loads(subscription["ThresholdExpression"])
    return subscription
