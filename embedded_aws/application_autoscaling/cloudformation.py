"""``AWS::ApplicationAutoScaling::ScalableTarget`` and ``AWS::ApplicationAutoScaling::ScalingPolicy``."""

from contextlib import suppress

from embedded_aws.application_autoscaling.operations import DIMENSION, Record, Store
from embedded_aws.cloudformation.registry import Created, Properties, register
from embedded_aws.core.refusal import Refusal


def register_types(store: Store) -> None:
    """Let templates use the two types; each calls the service."""

    def put_target(properties: Properties) -> Created:
        names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState")
        store.register({name: properties[name] for name in names if name in properties})
        # The value of Ref (CloudFormation template reference, ScalableTarget, "Return values").
        reference = "|".join(str(properties[name]) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        return reference, {"Id": reference}

    def delete_target(reference: str, _properties: Properties) -> None:
        with suppress(Refusal):  # already deleted
            store.deregister({"ResourceId": reference.partition("|")[0]})

    def put_policy(properties: Properties) -> Created:
        arn = store.put_policy(_request(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def delete_policy(_arn: str, properties: Properties) -> None:
        with suppress(Refusal):  # already deleted, perhaps with its target
            store.delete_policy(_request(properties))

    register(
        name="AWS::ApplicationAutoScaling::ScalableTarget",
        create=lambda _id, properties, _stack: put_target(properties),
        update=lambda change: put_target(change.new),
        delete=delete_target,
    )
    register(
        name="AWS::ApplicationAutoScaling::ScalingPolicy",
        create=lambda _id, properties, _stack: put_policy(properties),
        update=lambda change: put_policy(change.new),
        delete=delete_policy,
    )


def _request(properties: Properties) -> Record:
    """A template's policy as the API's request; numbers may be texts in it."""
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
