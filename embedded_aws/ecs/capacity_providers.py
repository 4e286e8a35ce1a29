"""``AWS::ECS::ClusterCapacityProviderAssociations``."""

from embedded_aws.cloudformation.registry import Created, Properties, register
from embedded_aws.core.refusal import gone_is_fine, json_call
from embedded_aws.ecs import emulator

_SERVICE = "AmazonECS"


def register_types() -> None:
    """Let templates say which capacity a cluster may use."""
    register(
        name="AWS::ECS::ClusterCapacityProviderAssociations",
        create=lambda _logical_id, properties, _stack: _associate(properties),
        update=lambda change: _associate(change.new),
        delete=_delete,
        replaced_by=("Cluster",),
    )


def _associate(properties: Properties) -> Created:
    request = {
        "cluster": properties["Cluster"],
        "capacityProviders": properties.get("CapacityProviders") or [],
        "defaultCapacityProviderStrategy": [
            {key[:1].lower() + key[1:]: value for key, value in item.items()}
            for item in properties.get("DefaultCapacityProviderStrategy") or []
        ],
    }
    json_call(_SERVICE, emulator.put_capacity_providers, request)
    return properties["Cluster"], {}


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _associate({"Cluster": physical_id})
