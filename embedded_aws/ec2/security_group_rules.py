"""``AWS::EC2::SecurityGroupIngress`` and ``AWS::EC2::SecurityGroupEgress``."""

from dataclasses import dataclass

from embedded_aws.cloudformation.emulator import security_group_permissions
from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal
from embedded_aws.ec2.security_groups import EGRESS, INGRESS, Permission, check, rules_of

# A group's own list may contain a rule without a peer (cdk-preflight, pf-ec2-sg-source-exclusive).
_PEERS = {
    INGRESS: ("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId"),
    EGRESS: ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId"),
}


def register_types() -> None:
    """Let templates add rules to security groups of other stacks, and avoid circular dependencies."""
    for name, direction in (("Ingress", INGRESS), ("Egress", EGRESS)):
        rules = _Rules(direction)
        register(name=f"AWS::EC2::SecurityGroup{name}", create=rules.create, update=rules.update, delete=rules.delete)


def _permission(properties: Properties) -> Permission:
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
        permissions, permission = self._present(group_id), _permission(properties)
        check(permissions, [permission])
        rule_id = emulator.rule_id(group_id, self.direction == EGRESS, permission)
        permissions.append(permission | {"SecurityGroupRuleId": rule_id})
        return rule_id, {"Id": rule_id}

    def update(self, change: Change) -> Created:
        # Only the description can be updated in place; it is stored with the peer.
        permissions = self._present(change.new["GroupId"])
        for index, permission in enumerate(permissions):
            if permission.get("SecurityGroupRuleId") == change.physical_id:
                permissions[index] = _permission(change.new) | {"SecurityGroupRuleId": change.physical_id}
        return change.physical_id, {"Id": change.physical_id}

    def delete(self, _physical_id: str, properties: Properties) -> None:
        group = emulator.security_groups.get(properties["GroupId"])
        if group is not None:
            rule = set(rules_of([_permission(properties)]))
            group[self.direction] = [one for one in group[self.direction] if set(rules_of([one])) != rule]
