"""Rules of security groups: AWS's refusals, and prefix lists as their source, which the emulator's API drops."""

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any, Final, NamedTuple

from embedded_aws.cloudformation.emulator import resource_handlers, security_group_permissions
from embedded_aws.cloudformation.registry import before_create
from embedded_aws.core.patching import Function, Original, Response, wrap_item
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal
from embedded_aws.requests import property_rules
from installation.aws_facts.regions import CLOUDFRONT_PREFIX_LISTS

# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: a quota each for inbound and outbound rules.
_RULES_PER_GROUP: Final = 60
INGRESS: Final = "IpPermissions"
EGRESS: Final = "IpPermissionsEgress"
# By the name of a template's property, which actions and resource types have in their names.
DIRECTIONS: Final = {"SecurityGroupIngress": INGRESS, "SecurityGroupEgress": EGRESS}
_PEERS: Final = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)

_WITH_PORTS: Final = ("tcp", "udp", "6", "17")

# A permission in the emulator's format: one protocol and port range, and any number of peers.
Permission = dict[str, Any]
_CLOUDFRONT: Final = "com.amazonaws.global.cloudfront.origin-facing"
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
_WEIGHTS: Final = {_CLOUDFRONT: 55}


class _Rule(NamedTuple):
    """The fields that identify a rule; its description is not one of them."""

    protocol: str
    from_port: int
    to_port: int
    peer: str

    def __str__(self) -> str:
        traffic = "ALL" if self.protocol == "-1" else self.protocol.upper()
        ports = "" if self.protocol == "-1" else f", from port: {self.from_port}, to port: {self.to_port}"
        return f"peer: {self.peer}, {traffic}{ports}, ALLOW"


def install(region: str) -> None:
    """Check every rule that a template or a call adds, and give CloudFront's prefix list its id in the region."""

    def identifier(original: Function, name: str) -> Any:
        own = CLOUDFRONT_PREFIX_LISTS.get(region) if name == _CLOUDFRONT else None
        return own or original(name)

    emulator.aws_prefix_list_id.wrap(identifier)
    emulator.aws_prefix_list.wrap(_require_weight)
    emulator.ip_permissions.wrap(_parse_prefix_lists)
    emulator.rule_xml.wrap(_describe_prefix_list)
    for name, direction in DIRECTIONS.items():
        emulator.wrap_action(f"Authorize{name}", _with_rule_check(direction))
        emulator.wrap_action(f"Revoke{name}", _revoking_call(direction))
    before_create("AWS::EC2::SecurityGroup", _check_new_group)
    wrap_item(resource_handlers["AWS::EC2::SecurityGroup"], "update", _update_with_check)


def rules_of(permissions: Iterable[Permission]) -> Iterator[_Rule]:
    """Split permissions into rules, one for each peer."""
    for permission in permissions:
        for kind, key in _PEERS:
            for peer in permission.get(kind) or []:
                yield _rule(permission, peer, key)


def _rule(permission: Permission, peer: dict[str, Any], key: str) -> _Rule:
    return _Rule(
        str(permission.get("IpProtocol", "-1")).lower(),
        int(permission.get("FromPort", -1)),
        int(permission.get("ToPort", -1)),
        str(peer.get(key) or peer.get("GroupName", "")),
    )


def _without(permissions: Iterable[Permission], rules: Set[_Rule]) -> Iterator[Permission]:
    for permission in permissions:
        left = {
            kind: [peer for peer in permission.get(kind) or [] if _rule(permission, peer, key) not in rules]
            for kind, key in _PEERS
        }
        if any(left.values()):
            yield permission | left


def check(present: Iterable[Permission], added: Iterable[Permission]) -> None:
    """Refuse rules that already exist, that name an unknown group or prefix list, or that exceed the quota."""
    rules, permissions = list(rules_of(present)), list(added)
    for permission in permissions:
        _check_permission(permission)
    for rule in rules_of(permissions):
        if rule in rules:
            raise refusal("InvalidPermission.Duplicate", f'the specified rule "{rule}" already exists')
        _check_peer(rule.peer)
        rules.append(rule)
    if sum(_weight(rule.peer) or 1 for rule in rules) > _RULES_PER_GROUP:
        message = "The maximum number of rules per security group has been reached."
        raise refusal("RulesPerSecurityGroupLimitExceeded", message)


def _check_permission(permission: Permission) -> None:
    property_rules.check("rule of a security group", permission)
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if str(permission.get("IpProtocol", "")).lower() in _WITH_PORTS and int(first or 0) > int(last or 0):
        raise refusal("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")


def _check_peer(peer: str) -> None:
    if peer.startswith("sg-") and peer not in emulator.security_groups:
        raise refusal("InvalidGroup.NotFound", f"The security group '{peer}' does not exist")
    if peer.startswith("pl-") and _weight(peer) is None:
        raise refusal("InvalidPrefixListID.NotFound", f"The prefix list ID '{peer}' does not exist")


def _with_rule_check(direction: str) -> Function:
    def call(original: Original, parameters: dict[str, Any]) -> Response:
        group = emulator.security_groups.get(emulator.parameter(parameters, "GroupId"))
        if group is not None:
            check(group[direction], emulator.ip_permissions(parameters, "IpPermissions"))
        return original(parameters)

    return call


def _revoking_call(direction: str) -> Function:
    """Remove rules by their content, as AWS does: an unknown rule is refused, descriptions do not count.

    The emulator compares whole permissions, with the descriptions of groups, and always reports success.
    """

    def call(original: Original, parameters: dict[str, Any]) -> Response:
        group = emulator.security_groups.get(emulator.parameter(parameters, "GroupId"))
        rules = set(rules_of(emulator.ip_permissions(parameters, "IpPermissions")))
        if group is not None and rules:
            if not rules <= set(rules_of(group[direction])):
                # EC2 API reference, RevokeSecurityGroupIngress; only a default VPC returns no error.
                raise refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
            group[direction] = list(_without(group[direction], rules))
        return original(parameters)

    return call


def _check_new_group(properties: dict[str, Any]) -> None:
    for name in DIRECTIONS:
        check([], security_group_permissions(properties.get(name)))


def _update_with_check(
    original: Function, physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **named: Any
) -> Any:
    group = emulator.security_groups.get(physical_id)
    for name, direction in DIRECTIONS.items():
        if group is not None and old.get(name) != new.get(name):
            replaced = set(rules_of(security_group_permissions(old.get(name))))
            kept = [permission for permission in group[direction] if not replaced & set(rules_of([permission]))]
            check(kept, security_group_permissions(new.get(name)))
    return original(physical_id, old, new, *rest, **named)


def _parse_prefix_lists(original: Function, parameters: dict[str, Any], prefix: str) -> list[Permission]:
    permissions: list[Permission] = original(parameters, prefix)
    pattern = re.compile(re.escape(prefix) + r"\.(\d+)\.PrefixListIds\.(\d+)\.PrefixListId")
    for name in parameters:
        if match := pattern.fullmatch(name):
            permission, entry = int(match[1]) - 1, name.rpartition(".")[0]
            description = emulator.parameter(parameters, f"{entry}.Description")
            described = {"Description": description} if description else {}
            peer = {"PrefixListId": emulator.parameter(parameters, name), **described}
            permissions[permission]["PrefixListIds"].append(peer)
    return permissions


def _describe_prefix_list(original: Function, group_id: str, permission: Permission, *rest: Any, **named: Any) -> str:
    text: str = original(group_id, permission, *rest, **named)
    for peer in permission.get("PrefixListIds") or []:
        text = text.replace("</toPort>", f"</toPort><prefixListId>{peer['PrefixListId']}</prefixListId>", 1)
    return text


def _require_weight(original: Function, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = original(name)
    return found | {"MaxEntries": _WEIGHTS[name]} if found is not None and name in _WEIGHTS else found


def _weight(prefix_list_id: str) -> int | None:
    """The number of rules for which a rule with this prefix list counts; None if there is no such list."""
    if (own := emulator.prefix_lists.get(prefix_list_id)) is not None:
        return int(own["MaxEntries"])
    managed = emulator.managed_prefix_list(prefix_list_id)
    return None if managed is None else _WEIGHTS.get(managed["PrefixListName"], 1)
