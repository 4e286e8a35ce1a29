"""New resources that take the name, or the only place, of another one that stays."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from ops.review.changes import Comparison, Kind, Sides
from ops.review.finding import Finding, Subject, risk
from ops.templates.schemas import schema
from ops.templates.values import Json, Map, at, items, mapping, written

_RULE: Final = ("IpProtocol", "FromPort", "ToPort")
_SOURCES: Final = ("SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName")
_DESTINATIONS: Final = ("DestinationPrefixListId", "DestinationSecurityGroupId")
# What there is one of for each value of these properties, together: a second one replaces what the first one set, or
# is refused (CloudFormation reference; the API references of what these types call).
_ONE_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId", "ScalableDimension"),
    "AWS::EC2::SecurityGroupEgress": ("GroupId", *_RULE, "CidrIp", "CidrIpv6", *_DESTINATIONS),
    "AWS::EC2::SecurityGroupIngress": ("GroupId", *_RULE, "CidrIp", "CidrIpv6", *_SOURCES),
    "AWS::EC2::Subnet": ("VpcId", "CidrBlock"),
    "AWS::EC2::SubnetNetworkAclAssociation": ("SubnetId",),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCDHCPOptionsAssociation": ("VpcId",),
    "AWS::Route53::RecordSet": ("HostedZoneId", "Name", "Type", "SetIdentifier"),
    "AWS::SNS::TopicPolicy": ("Topics",),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId",),
    "AWS::SecretsManager::RotationSchedule": ("SecretId",),
    "AWS::WAFv2::WebACLAssociation": ("ResourceArn",),
}
# What a custom resource of this application makes, and under which type others would.
_MAKES: Final[Mapping[str, str]] = {"Custom::InitialParameter": "AWS::SSM::Parameter"}
# Of these, a policy for several: each of them has one.
_SEVERAL: Final = frozenset({"Topics", "Queues"})
_Key = tuple[str, ...]


def taken(comparison: Comparison) -> Iterator[Finding]:
    """Findings about what would be there twice."""
    added = [it for it in comparison.changes if it.kind is Kind.ADDED]
    kinds = {_kind(it.type) for it in added}
    holders: dict[_Key, list[tuple[str, str]]] = defaultdict(list)
    for sides in comparison.sides.values() if added else ():
        for logical_id, resource in mapping(sides.head_template.get("Resources")).items() if sides.head else ():
            if _kind(str(at(resource, "Type"))) in kinds:
                for key in _keys(sides, mapping(resource), comparison.region):
                    holders[key].append((sides.name, logical_id))
    for change in added:
        sides = comparison.sides[change.stack]
        others = {
            comparison.sides[stack].path(logical_id)
            for key in _keys(sides, change.new, comparison.region)
            for stack, logical_id in holders[key]
            if (stack, logical_id) != (change.stack, change.logical_id)
        }
        for other in sorted(others):
            message = f"is what `{other}` is already: AWS refuses it, or the one takes the place of the other"
            yield risk(change, Subject.REPLACEMENT, "made-twice", message)


def _kind(resource_type: str) -> str:
    return _MAKES.get(resource_type, resource_type)


def _keys(sides: Sides, resource: Map, region: str) -> Iterator[_Key]:
    """What no second resource may have alike, in one region."""
    kind = _kind(str(resource.get("Type")))
    its = schema(kind, region)
    names = _ONE_FOR.get(kind) or (its.name_properties if its else ())
    values = [at(resource.get("Properties"), *name.split("/")) for name in names]
    where = sides.either.region
    if names and names[0] in _SEVERAL:
        yield from ((kind, where, written(it, sides.paths)) for it in items(values[0]))
    elif any(it is not None for it in values):
        yield (kind, where, *(_text(it, sides) for it in values))


def _text(value: Json, sides: Sides) -> str:
    return "" if value is None else written(value, sides.paths)
