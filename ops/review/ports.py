"""Which ports are opened: the rules of security groups, inline or as separate resources."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from typing import Final

from ops.review.changes import Comparison, Kind, Place, Sides
from ops.review.finding import Finding, Severity, Subject, about, harmless, risk
from ops.templates.values import Json, Map, at, items, mapping, network, number, references, written

_GROUP = "AWS::EC2::SecurityGroup"
# What is asked and never asks: no connection goes out of it.
_ANSWERING: Final = frozenset({
    "AWS::DocDB::DBCluster", "AWS::EC2::VPCEndpoint", "AWS::EFS::MountTarget", "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache", "AWS::MemoryDB::Cluster",
})  # fmt: skip
_RULES = {"AWS::EC2::SecurityGroupIngress": "ingress", "AWS::EC2::SecurityGroupEgress": "egress"}
_PEERS = (
    "CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId",
    "DestinationSecurityGroupId", "DestinationPrefixListId",
)  # fmt: skip
WORLD = frozenset({"0.0.0.0/0", "::/0"})
_ALL_PORTS: Final = (0.0, 65_535.0)
_ALL_PROTOCOLS: Final = "-1"
# Numbers of protocols that have a name in EC2 (AuthorizeSecurityGroupIngress, IpProtocol).
_PROTOCOLS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": _ALL_PROTOCOLS}
# Nested conditions multiply; a group has at most 60 rules in each direction.
_MOST_BRANCHES: Final = 200
# Prefix lengths below which a range is broad; and the address that CDK uses for a group without egress.
_BROAD_4, _BROAD_6 = 8, 32
_NOBODY = "255.255.255.255/32"
_CLAIMS = ("FromPort", "IpProtocol", "SecurityGroupEgress", "SecurityGroupIngress", "ToPort", *_PEERS)


@dataclass(frozen=True, kw_only=True)
class PortRule:
    """One rule of a security group."""

    group: str  # the group, by path
    direction: str  # ``ingress`` or ``egress``
    protocol: str  # such as ``tcp``; ``-1`` is all
    ports: tuple[float, float]  # first and last port
    peer: str  # the source or destination
    place: Place = field(compare=False)  # resource that contains it

    @property
    def all_ports(self) -> bool:
        """Whether it opens all ports."""
        return self.protocol == _ALL_PROTOCOLS or self.ports == _ALL_PORTS


class _OpenPorts:
    """The ports that some rules open."""

    def __init__(self, rules: Iterable[PortRule]) -> None:
        ranges: dict[tuple[str, str, str, str], list[tuple[float, float]]] = defaultdict(list)
        for rule in rules:
            opened = _ALL_PORTS if rule.protocol == _ALL_PROTOCOLS else rule.ports
            ranges[(rule.group, rule.direction, rule.peer, rule.protocol)].append(opened)
        # Sorted first ports of the ranges, and the highest last port of each range and those before it.
        self._firsts = {key: [first for first, _ in sorted(found)] for key, found in ranges.items()}
        self._reach = {key: list(accumulate((last for _, last in sorted(found)), max)) for key, found in ranges.items()}

    def cover(self, rule: PortRule) -> bool:
        """Whether one of the rules opens everything that another rule would open."""
        way = (rule.group, rule.direction, rule.peer)
        if (*way, _ALL_PROTOCOLS) in self._firsts:
            return True
        key = (*way, rule.protocol)
        found = bisect_right(self._firsts.get(key, ()), rule.ports[0])
        return found > 0 and self._reach[key][found - 1] >= rule.ports[1]


def ports(comparison: Comparison) -> Iterator[Finding]:
    """Findings about ports that are opened."""
    yield from _unchanged_rules(comparison)
    fresh = {change.path for change in comparison.changes if change.kind is Kind.ADDED and change.type == _GROUP}
    for sides in comparison.sides.values():
        if not sides.head or sides.same_template:
            continue
        before, after = list(_rules(sides, sides.before)), list(_rules(sides, sides.after))
        known = _OpenPorts(before)
        quiet = set(_groups_that_answer(sides))
        for rule in after:
            if rule.peer != _NOBODY and not known.cover(rule):
                yield _rule_finding(rule, new_group=rule.group in fresh, quiet=rule.group in fresh & quiet)
        yield from _closed(sides, before, after)
        yield from _default_egress(sides)


def _closed(sides: Sides, before: list[PortRule], after: list[PortRule]) -> Iterator[Finding]:
    """Ports that remaining groups no longer open. A rule for CDK's address of no egress does not count."""
    open_after = _OpenPorts(after)
    left = {sides.path(key) for key, it in sides.after.items() if _is_group(it)}
    for rule in before:
        remains_open = any(open_after.cover(it) for it in (rule, *(replace(rule, peer=world) for world in WORLD)))
        if remains_open or rule.peer == _NOBODY or rule.group not in left:
            continue
        way = (rule.peer, rule.group) if rule.direction == "ingress" else (rule.group, rule.peer)
        port = f"{_port_range(rule.ports)}/{rule.protocol}"
        message = f"`{way[0]}` no longer reaches port `{port}` of `{way[1]}`: running traffic stops"
        yield risk(rule.place, Subject.MONTH, "way-closed", message, *_CLAIMS)


def _default_egress(sides: Sides) -> Iterator[Finding]:
    """A group that loses its last egress rule: then it allows all egress (EC2, "Default security group rules")."""
    for logical_id, resource in sides.after.items():
        if _is_group(resource) and _egress(sides.before.get(logical_id, {})) and not _egress(resource):
            message = "has no egress rule: then all outbound traffic is allowed"
            yield risk(sides.place(logical_id), Subject.EXPOSURE, "egress-default", message, "SecurityGroupEgress")


def _egress(resource: Map) -> list[Json]:
    return items(mapping(resource.get("Properties")).get("SecurityGroupEgress"))


def _unchanged_rules(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each changed group or rule: what it opens or closes is found by comparing all rules together."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and (change.type == _GROUP or change.type in _RULES):
            message = "opens and closes nothing besides what is reported"
            yield harmless(change, Subject.EXPOSURE, "same-rules", message, *_CLAIMS)


def _is_group(resource: Map) -> bool:
    return resource.get("Type") == _GROUP


def _rule_finding(rule: PortRule, *, new_group: bool, quiet: bool) -> Finding:
    world = rule.peer in WORLD
    broad = _is_broad(rule.peer)
    if rule.direction == "egress":
        wide = (broad and rule.all_ports and not quiet) or (not new_group and (broad or rule.all_ports))
        severity, kind = (Severity.RISK if wide else Severity.LOOK), "egress-opened"
    elif broad:
        severity, kind = Severity.RISK, "open-to-the-world"
    elif rule.all_ports:
        severity, kind = Severity.RISK, "all-ports"
    else:
        severity, kind = (Severity.LOOK if new_group else Severity.RISK), "port-opened"
    shown = "all ports" if rule.all_ports else f"port `{_port_range(rule.ports)}/{rule.protocol}`"
    peer = f"{'everybody, ' if world else ''}`{rule.peer}`"
    if rule.direction == "ingress":
        message = f"opens {shown} of `{rule.group}` to {peer}"
    else:
        message = f"lets `{rule.group}` reach {shown} of {peer}"
    return about(rule.place, Subject.EXPOSURE, severity, kind, message, *_CLAIMS)


def _groups_that_answer(sides: Sides) -> Iterator[str]:
    """Groups with members that open no connections, and with no others; what reads an output may be another one."""
    users: dict[str, set[str]] = defaultdict(set)
    outputs = set(references(sides.head_template.get("Outputs")))
    for resource in sides.after.values():
        kind = str(resource.get("Type"))
        for logical_id in references(resource) if kind != _GROUP and kind not in _RULES else ():
            users[logical_id].add(kind)
    for logical_id, kinds in users.items():
        if kinds <= _ANSWERING and logical_id not in outputs:
            yield sides.path(logical_id)


def _is_broad(peer: str) -> bool:
    """Whether a range has more addresses than any private network."""
    found = network(peer)
    return found is not None and found.prefixlen < (_BROAD_4 if found.version == 4 else _BROAD_6)


def _rules(sides: Sides, resources: Mapping[str, Map]) -> Iterator[PortRule]:
    for logical_id, resource in resources.items():
        kind, properties = resource.get("Type"), mapping(resource.get("Properties"))
        if kind == _GROUP:
            for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
                for rule in islice(_branches(properties.get(name)), _MOST_BRANCHES):
                    yield _rule(sides, logical_id, direction, sides.path(logical_id), rule)
        elif isinstance(kind, str) and kind in _RULES:
            group = _group(properties.get("GroupId"), sides)
            for rule in islice(_branches(properties), _MOST_BRANCHES):
                yield _rule(sides, logical_id, _RULES[kind], group, rule)


def _branches(value: Json) -> Iterator[Map]:
    """All rules that a value may become in a deployment, for every result of its conditions."""
    for rule in items(value):
        if isinstance(rule, dict) and (chosen := items(rule.get("Fn::If"))[1:]):
            yield from _branches(chosen)
        elif isinstance(rule, dict) and (name := next((it for it in rule if at(rule, it, "Fn::If")), None)):
            yield from _branches([{**rule, name: it} for it in items(at(rule, name, "Fn::If"))[1:]])
        elif isinstance(rule, list):
            yield from _branches(rule)
        else:
            yield mapping(rule)


def _rule(sides: Sides, logical_id: str, direction: str, group: str, properties: Map) -> PortRule:
    peer = _group(next((properties[name] for name in _PEERS if name in properties), None), sides)
    first, last = number(properties.get("FromPort")), number(properties.get("ToPort"))
    protocol = str(properties.get("IpProtocol")).lower()
    return PortRule(
        group=group,
        direction=direction,
        protocol=_PROTOCOLS.get(protocol, protocol),
        ports=(_ALL_PORTS[0] if first is None else first, _ALL_PORTS[1] if last is None else last),
        peer=str(network(peer) or peer),  # a range of addresses in EC2's form
        place=sides.place(logical_id),
    )


def _group(value: Json, sides: Sides) -> str:
    text = written(value, sides.paths)
    if text.startswith("${"):
        text = text[2:].removesuffix("}")
    return text.removesuffix(".GroupId").removesuffix("/Resource")


def _port_range(pair: tuple[float, float]) -> str:
    first, last = (f"{port:g}" for port in pair)
    return first if first == last else f"{first}-{last}"
