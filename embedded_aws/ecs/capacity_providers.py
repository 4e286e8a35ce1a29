"""``AWS::ECS::ClusterCapacityProviderAssociations``."""

from embedded_aws.cloudformation.registry import Created, Properties, register
from embedded_aws.cloudformation.requests import request_of
from embedded_aws.core.refusal import gone_is_fine, json_call
from embedded_aws.ecs import emulator


def register_types() -> None:
    """Let templates say which capacity a cluster may use."""
    register(
        name="AWS::ECS::ClusterCapacityProviderAssociations",
        create=lambda _logical_id, properties, _stack: _associate(properties),
        update=lambda change: _associate(change.new),
        delete=_delete,
    )


def _associate(properties: Properties) -> Created:
    cluster = properties["Cluster"]
    nothing: Properties = {"CapacityProviders": [], "DefaultCapacityProviderStrategy": []}
    request = request_of("ecs", "PutClusterCapacityProviders", nothing | properties)
    json_call(emulator.SERVICE, emulator.put_capacity_providers, request)
    return cluster, {}


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _associate({"Cluster": physical_id})
