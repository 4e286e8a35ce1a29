"""``AWS::EC2::EIP``, ``NatGateway``, ``FlowLog``, ``SecurityGroupIngress`` and ``SecurityGroupEgress``."""

from collections.abc import Callable
from dataclasses import dataclass

from embedded_aws.cloudformation.emulator import apply_ec2_tags, security_group_permissions
from embedded_aws.cloudformation.registry import Change, Created, Properties, register, tag_list
from embedded_aws.core.refusal import gone_is_fine, query_call
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import SERVICE, refusal
from embedded_aws.ec2.security_groups import DIRECTIONS, EGRESS, INGRESS, Permission, check, rules_of

# A group's own list may contain a rule without a peer (cdk-preflight, pf-ec2-sg-source-exclusive).
_PEERS = {
    INGRESS: ("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId"),
    EGRESS: ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId"),
}


def register_types() -> None:
    """Let templates use these types; rules of other stacks' security groups avoid circular dependencies."""
    register(name="AWS::EC2::EIP", create=_create_address, update=_update_address, delete=_delete_address)
    register(
        name="AWS::EC2::NatGateway", create=_create_gateway, update=_update_tags("NatGatewayId"), delete=_delete_gateway
    )
    register(name="AWS::EC2::FlowLog", create=_create_flow_log, update=_update_tags("Id"), delete=_delete_flow_log)
    for name, direction in DIRECTIONS.items():
        rules = _Rules(direction)
        register(name=f"AWS::EC2::{name}", create=rules.create, update=rules.update, delete=rules.delete)


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
    addresses = emulator.addresses.values()  # Ref gives the address itself, but operations need its allocation id
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
            message = "Error. There is an existing Flow Log with the same configuration and log destination."
            raise refusal("FlowLogAlreadyExists", message)
    names = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    request = {key: properties[key] for key in names if key in properties}
    identifier = _call("CreateFlowLogs", {"ResourceId.1": properties["ResourceId"], **request})["item"]
    _tags(identifier, properties)
    return identifier, {"Id": identifier}


def _delete_flow_log(physical_id: str, _properties: Properties) -> None:
    _call("DeleteFlowLogs", {"FlowLogId.1": physical_id})


def _permission_of(properties: Properties) -> Permission:
    return security_group_permissions([properties])[0]


@dataclass(frozen=True)
class _Rules:
    """Rules of groups as resources of their own."""

    direction: str  # ``IpPermissions`` or ``IpPermissionsEgress``

    def _present(self, group_id: str) -> list[Permission]:
        group = emulator.security_groups.get(group_id)
        if group is None:
            raise refusal("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        permissions: list[Permission] = group.setdefault(self.direction, [])
        return permissions

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        peers = _PEERS[self.direction]
        if sum(bool(properties.get(name)) for name in peers) != 1:
            message = f"Exactly one of {', '.join(peers)} must be specified and not empty"
            raise refusal("InvalidParameterCombination", message)
        group_id = properties["GroupId"]
        permissions, permission = self._present(group_id), _permission_of(properties)
        check(permissions, [permission])
        rule_id = emulator.rule_id(group_id, self.direction == EGRESS, permission)
        permissions.append(permission | {"SecurityGroupRuleId": rule_id})
        return rule_id, {"Id": rule_id}

    def update(self, change: Change) -> Created:
        # Only the description can be updated in place; it is stored with the peer.
        permissions = self._present(change.new["GroupId"])
        for index, permission in enumerate(permissions):
            if permission.get("SecurityGroupRuleId") == change.physical_id:
                permissions[index] = _permission_of(change.new) | {"SecurityGroupRuleId": change.physical_id}
        return change.physical_id, {"Id": change.physical_id}

    def delete(self, _physical_id: str, properties: Properties) -> None:
        group = emulator.security_groups.get(properties["GroupId"])
        if group is not None:
            rule = set(rules_of([_permission_of(properties)]))
            group[self.direction] = [one for one in group[self.direction] if set(rules_of([one])) != rule]
