"""``AWS::EC2::SecurityGroupIngress`` and ``AWS::EC2::SecurityGroupEgress``."""

from collections.abc import Callable

from embedded_aws.cloudformation.emulator import security_group_permissions
from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.core.refusal import Refusal
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import SERVICE
from embedded_aws.ec2.security_groups import EGRESS, INGRESS, Permission, check, rules_of


def register_types() -> None:
    """Let templates add rules to security groups of other stacks and without a cycle."""
    register(
        name="AWS::EC2::SecurityGroupIngress",
        create=_creator(INGRESS),
        update=_updater(INGRESS),
        delete=_deleter(INGRESS),
    )
    register(
        name="AWS::EC2::SecurityGroupEgress",
        create=_creator(EGRESS),
        update=_updater(EGRESS),
        delete=_deleter(EGRESS),
    )


def _permissions(group_id: str, direction: str) -> list[Permission]:
    group = emulator.security_groups.get(group_id)
    if group is None:
        raise Refusal(SERVICE, "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    permissions: list[Permission] = group.setdefault(direction, [])
    return permissions


def _permission(properties: Properties) -> Permission:
    return security_group_permissions([properties])[0]


def _creator(direction: str) -> Callable[[str, Properties, str], Created]:
    def create(_logical_id: str, properties: Properties, _stack: str) -> Created:
        group_id = properties["GroupId"]
        permissions = _permissions(group_id, direction)
        permission = _permission(properties)
        check(permissions, [permission])
        rule_id: str = emulator.rule_id(group_id, egress=direction == EGRESS, permission=permission)
        permissions.append(permission | {"SecurityGroupRuleId": rule_id})
        return rule_id, {"Id": rule_id}

    return create


def _updater(direction: str) -> Callable[[Change], Created]:
    def update(change: Change) -> Created:
        # Only the description can change in place; it stands with the peer.
        permissions = _permissions(change.new["GroupId"], direction)
        for index, permission in enumerate(permissions):
            if permission.get("SecurityGroupRuleId") == change.physical_id:
                kept = {"SecurityGroupRuleId": change.physical_id}
                permissions[index] = _permission(change.new) | kept
        return change.physical_id, {"Id": change.physical_id}

    return update


def _deleter(direction: str) -> Callable[[str, Properties], None]:
    def delete(_physical_id: str, properties: Properties) -> None:
        group = emulator.security_groups.get(properties["GroupId"])
        if group is not None:
            rule = set(rules_of([_permission(properties)]))
            group[direction] = [one for one in group[direction] if set(rules_of([one])) != rule]

    return delete
