"""``AWS::CE::AnomalyMonitor`` and ``AWS::CE::AnomalySubscription``."""

import json
from typing import Final

from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.core.refusal import Refusal
from embedded_aws.cost_explorer.api import AnomalyDetection

# The monitor type's message for any refusal; the service's own message is lost
# (aws-cloudformation/cloudformation-coverage-roadmap #2515).
_SWALLOWED: Final = 'Resource handler returned message: "null" (HandlerErrorCode: AlreadyExists)'


# Templates contain JSON as text where the API has an expression.
_TEXTS: Final = ("MonitorSpecification", "ThresholdExpression")


def register_types(detection: AnomalyDetection) -> None:
    """Let templates use anomaly monitors and subscriptions."""
    for kind in ("Monitor", "Subscription"):
        of_kind = _AnomalyType(detection, kind)
        name = f"AWS::CE::Anomaly{kind}"
        register(name=name, create=of_kind.create, update=of_kind.update, delete=of_kind.delete)


class _AnomalyType:
    def __init__(self, detection: AnomalyDetection, kind: str) -> None:
        self._call, self._kind, self._arn = detection.operations, kind, f"{kind}Arn"

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        try:
            made = self._call[f"CreateAnomaly{self._kind}"]({f"Anomaly{self._kind}": _request(properties)})
        except Refusal as refusal:
            if self._kind == "Monitor":
                raise ValueError(_SWALLOWED) from refusal
            raise
        return made[self._arn], made

    def update(self, change: Change) -> Created:
        named = {self._arn: change.physical_id}
        self._call[f"UpdateAnomaly{self._kind}"](named | _request(change.new))
        return change.physical_id, named

    def delete(self, physical_id: str, _properties: Properties) -> None:
        try:
            self._call[f"DeleteAnomaly{self._kind}"]({self._arn: physical_id})
        except Refusal as refused:
            if not refused.code.startswith("Unknown"):
                raise


def _request(properties: Properties) -> Properties:
    return properties | {name: json.loads(properties[name]) for name in _TEXTS if name in properties}
