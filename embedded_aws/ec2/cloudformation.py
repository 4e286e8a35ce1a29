"""``AWS::EC2::EIP``, ``NatGateway`` and ``FlowLog``."""

from collections.abc import Callable

from embedded_aws.cloudformation.emulator import apply_ec2_tags
from embedded_aws.cloudformation.registry import Change, Created, Properties, register, tag_list
from embedded_aws.core.refusal import gone_is_fine, query_call
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import SERVICE, refusal


def register_types() -> None:
    """Let templates use Elastic IP addresses, NAT gateways and flow logs."""
    register(name="AWS::EC2::EIP", create=_create_address, update=_update_address, delete=_delete_address)
    register(
        name="AWS::EC2::NatGateway",
        create=_create_gateway,
        update=_update_tags("NatGatewayId"),
        delete=_delete_gateway,
    )
    register(name="AWS::EC2::FlowLog", create=_create_flow_log, update=_update_tags("Id"), delete=_delete_flow_log)


def _call(action: str, request: dict[str, str]) -> dict[str, str]:
    return query_call(SERVICE, emulator.actions[action], request)


def _update_tags(attribute: str) -> Callable[[Change], Created]:
    def update(change: Change) -> Created:
        apply_ec2_tags(change.physical_id, change.new, change.old)
        return change.physical_id, {attribute: change.physical_id}

    return update


def _tags(resource_id: str, properties: Properties) -> None:
    if tags := tag_list(properties):
        emulator.tags[resource_id] = tags


def _create_address(_logical_id: str, properties: Properties, _stack: str) -> Created:
    answer = _call("AllocateAddress", {"Domain": properties.get("Domain", "vpc")})
    _tags(answer["allocationId"], properties)
    return answer["publicIp"], {"AllocationId": answer["allocationId"], "PublicIp": answer["publicIp"]}


def _update_address(change: Change) -> Created:
    allocation = _allocation(change.physical_id)
    apply_ec2_tags(allocation, change.new, change.old)
    return change.physical_id, {"AllocationId": allocation, "PublicIp": change.physical_id}


def _delete_address(physical_id: str, _properties: Properties) -> None:
    if allocation := _allocation(physical_id):
        _call("ReleaseAddress", {"AllocationId": allocation})


def _allocation(public_ip: str) -> str:
    # Ref gives the address itself, but operations need its allocation id.
    addresses = emulator.addresses.values()
    return next((address["AllocationId"] for address in addresses if address["PublicIp"] == public_ip), "")


def _create_gateway(_logical_id: str, properties: Properties, _stack: str) -> Created:
    names = ("SubnetId", "AllocationId", "ConnectivityType")
    gateway = _call("CreateNatGateway", {key: properties[key] for key in names if key in properties})["natGatewayId"]
    _tags(gateway, properties)
    return gateway, {"NatGatewayId": gateway}


def _delete_gateway(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _call("DeleteNatGateway", {"NatGatewayId": physical_id})


def _create_flow_log(_logical_id: str, properties: Properties, _stack: str) -> Created:
    destination = properties.get("LogDestination") or properties.get("LogGroupName", "")
    wanted = (properties["ResourceId"], properties.get("TrafficType", "ALL"), destination)
    for flow_log in emulator.flow_logs.values():
        if (flow_log["ResourceId"], flow_log["TrafficType"], flow_log["LogDestination"]) == wanted:
            raise refusal(
                "FlowLogAlreadyExists",
                "Error. There is an existing Flow Log with the same configuration and log destination.",
            )
    names = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    request = {key: properties[key] for key in names if key in properties}
    identifier = _call("CreateFlowLogs", {"ResourceId.1": properties["ResourceId"], **request})["item"]
    _tags(identifier, properties)
    return identifier, {"Id": identifier}


def _delete_flow_log(physical_id: str, _properties: Properties) -> None:
    _call("DeleteFlowLogs", {"FlowLogId.1": physical_id})
