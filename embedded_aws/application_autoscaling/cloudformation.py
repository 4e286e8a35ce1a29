"""``AWS::ApplicationAutoScaling::ScalableTarget`` and ``AWS::ApplicationAutoScaling::ScalingPolicy``."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from embedded_aws.application_autoscaling.policies import Policies
from embedded_aws.application_autoscaling.store import Record
from embedded_aws.application_autoscaling.targets import DIMENSION, Targets
from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.core.refusal import Refusal

_ADDRESS: Final = ("ServiceNamespace", "ResourceId", "ScalableDimension")


@dataclass
class ScalingTypes:
    """The two types; each calls the service."""

    targets: Targets
    policies: Policies

    def register(self) -> None:
        """Let templates use them."""
        register(
            name="AWS::ApplicationAutoScaling::ScalableTarget",
            create=lambda _id, properties, _stack: self._register(properties),
            update=lambda change: self._register(change.new),
            delete=self._deregister,
            replaced_by=_ADDRESS,
        )
        register(
            name="AWS::ApplicationAutoScaling::ScalingPolicy",
            create=lambda _id, properties, _stack: self._put(properties),
            update=self._change,
            delete=self._delete,
            replaced_by=("PolicyName", "ScalingTargetId", *_ADDRESS),
        )

    def _register(self, properties: Properties) -> Created:
        names = (*_ADDRESS, "MinCapacity", "MaxCapacity", "SuspendedState")
        self.targets.register({name: properties[name] for name in names if name in properties})
        # What Ref gives (CloudFormation template reference, ScalableTarget, "Return values").
        reference = "|".join(str(properties[name]) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        return reference, {"Id": reference}

    def _deregister(self, reference: str, _properties: Properties) -> None:
        with suppress(Refusal):  # gone already
            self.targets.deregister({"ResourceId": reference.partition("|")[0]})

    def _put(self, properties: Properties) -> Created:
        arn = self.policies.put(_request(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def _change(self, change: Change) -> Created:
        return self._put(change.new)

    def _delete(self, _arn: str, properties: Properties) -> None:
        with suppress(Refusal):  # gone already, perhaps with its target
            self.policies.delete(_request(properties))


def _request(properties: Properties) -> Record:
    """A template's policy as the API has it; numbers may have come as text."""
    resource = properties.get("ResourceId") or str(properties["ScalingTargetId"]).partition("|")[0]
    configuration = dict(properties.get("TargetTrackingScalingPolicyConfiguration") or {})
    if "TargetValue" in configuration:
        configuration["TargetValue"] = float(configuration["TargetValue"])
    return {
        "PolicyName": properties["PolicyName"],
        "PolicyType": properties["PolicyType"],
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": DIMENSION,
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
