"""Which ports are opened: the rules of security groups, inline or as resources of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ops.review.changes import Comparison, Kind, Sides
from ops.review.concerns import Concern, Severity, Subject
from ops.review.values import Json, Map, items, mapping, number, written

_GROUP = "AWS::EC2::SecurityGroup"
_RULES = {"AWS::EC2::SecurityGroupIngress": "ingress", "AWS::EC2::SecurityGroupEgress": "egress"}
_PEERS = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
    "DestinationSecurityGroupId",
    "DestinationPrefixListId",
)
WORLD = frozenset({"0.0.0.0/0", "::/0"})
_ALL_PORTS = (0, 65_535)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a security group.

    Attributes:
        group: the group, by path.
        direction: ``ingress`` or ``egress``.
        protocol: such as ``tcp``; ``-1`` is all.
        ports: first and last port.
        peer: who is let in, or reached.
        stack: stack that it stands in.
        logical_id: resource that it stands in.
    """

    group: str
    direction: str
    protocol: str
    ports: tuple[float, float]
    peer: str
    stack: str = field(compare=False)
    logical_id: str = field(compare=False)

    @property
    def all_ports(self) -> bool:
        """Whether it names no port."""
        return self.protocol == "-1" or self.ports == _ALL_PORTS

    def covers(self, other: "Rule") -> bool:
        """Whether the other one opens nothing beyond this one."""
        return (
            (self.group, self.direction) == (other.group, other.direction)
            and self.peer == other.peer
            and self.protocol in (other.protocol, "-1")
            and (self.protocol == "-1" or (self.ports[0] <= other.ports[0] and other.ports[1] <= self.ports[1]))
        )


def ports(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about ports that are opened."""
    fresh = {change.path for change in comparison.changes if change.kind is Kind.ADDED and change.type == _GROUP}
    seen = set()
    for sides in comparison.sides.values():
        if not sides.head:
            continue
        before, after = list(_rules(sides, before=True)), list(_rules(sides, before=False))
        for rule in after:
            if not any(old.covers(rule) for old in before):
                seen.add(sides.name)
                yield _told(rule, sides, new_group=rule.group in fresh)
        yield from _closed(sides, before, after)
    for name, verdict in comparison.verdicts.items():
        if verdict.rules_added and name not in seen and comparison.sides[name].head:
            yield Concern(
                subject=Subject.EXPOSURE,
                severity=Severity.NOTICE,
                rule="rules-changed",
                stack=name,
                logical_id="",
                where=name,
                message="rules of security groups differ; what they open was open before",
            )


def _closed(sides: Sides, before: list[Rule], after: list[Rule]) -> Iterator[Concern]:
    """Ways between groups that stay and are no longer open. A narrower range of addresses is what one wants."""
    left = {sides.path(key) for key, it in mapping(sides.head_template.get("Resources")).items() if _is_group(it)}
    for rule in before:
        still = any(new.covers(rule) or new.covers(replace(rule, peer=new.peer)) for new in after if new.peer in WORLD)
        if still or any(new.covers(rule) for new in after) or not {rule.group, rule.peer} <= left:
            continue
        way = (rule.peer, rule.group) if rule.direction == "ingress" else (rule.group, rule.peer)
        yield Concern(
            subject=Subject.MONTH,
            severity=Severity.RISK,
            rule="way-closed",
            stack=rule.stack,
            logical_id=rule.logical_id,
            where=sides.path(rule.logical_id),
            message=f"`{way[0]}` no longer reaches port `{_shown(rule.ports)}/{rule.protocol}` of `{way[1]}`: running "
            "traffic stops",
        )


def _is_group(resource: Json) -> bool:
    return mapping(resource).get("Type") == _GROUP


def _told(rule: Rule, sides: Sides, *, new_group: bool) -> Concern:
    world = rule.peer in WORLD
    if rule.direction == "egress":
        severity, kind = Severity.NOTICE, "egress-opened"
    elif world:
        severity, kind = Severity.RISK, "open-to-the-world"
    elif rule.all_ports:
        severity, kind = Severity.RISK, "all-ports"
    else:
        severity, kind = (Severity.NOTICE if new_group else Severity.RISK), "port-opened"
    shown = "all ports" if rule.all_ports else f"port `{_shown(rule.ports)}/{rule.protocol}`"
    peer = f"{'everybody, ' if world else ''}`{rule.peer}`"
    message = (
        f"opens {shown} of `{rule.group}` to {peer}"
        if rule.direction == "ingress"
        else f"lets `{rule.group}` reach {shown} of {peer}"
    )
    return Concern(
        subject=Subject.EXPOSURE,
        severity=severity,
        rule=kind,
        stack=rule.stack,
        logical_id=rule.logical_id,
        where=sides.path(rule.logical_id),
        message=message,
    )


def _rules(sides: Sides, *, before: bool) -> Iterator[Rule]:
    template = sides.base_template if before else sides.head_template
    for logical_id, resource in mapping(template.get("Resources")).items():
        kind, properties = mapping(resource).get("Type"), mapping(mapping(resource).get("Properties"))
        if kind == _GROUP:
            for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
                for rule in items(properties.get(name)):
                    yield _rule(sides, logical_id, direction, sides.path(logical_id), mapping(rule))
        elif isinstance(kind, str) and kind in _RULES:
            group = _group(properties.get("GroupId"), sides)
            yield _rule(sides, logical_id, _RULES[kind], group, properties)


def _rule(sides: Sides, logical_id: str, direction: str, group: str, properties: Map) -> Rule:
    peer = next((properties[name] for name in _PEERS if name in properties), None)
    first, last = number(properties.get("FromPort")), number(properties.get("ToPort"))
    return Rule(
        group=group,
        direction=direction,
        protocol=str(properties.get("IpProtocol")),
        ports=(_ALL_PORTS[0] if first is None else first, _ALL_PORTS[1] if last is None else last),
        peer=_group(peer, sides),
        stack=sides.name,
        logical_id=logical_id,
    )


def _group(value: Json, sides: Sides) -> str:
    text = written(value, sides.paths)
    return text.removeprefix("${").removesuffix("}").removesuffix(".GroupId").removesuffix("/Resource")


def _shown(pair: tuple[float, float]) -> str:
    first, last = (f"{port:g}" for port in pair)
    return first if first == last else f"{first}-{last}"
