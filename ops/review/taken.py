"""New resources that take the name, or the only place, of another one that stays."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.finding import Finding, Subject, risk
from ops.templates.assembly import Assembly
from ops.templates.schemas import schema
from ops.templates.values import Json, Map, at, items, written

_RULE: Final = ("IpProtocol", "FromPort", "ToPort")
_SOURCES: Final = ("SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName")
_DESTINATIONS: Final = ("DestinationPrefixListId", "DestinationSecurityGroupId")
# What there is one of for each value of these properties, together: a second one replaces what the first one set, or
# is refused (CloudFormation reference; the API references of what these types call).
_ONE_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId", "ScalableDimension"),
    "AWS::EC2::Route": ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"),
    "AWS::EC2::SecurityGroupEgress": ("GroupId", *_RULE, "CidrIp", "CidrIpv6", *_DESTINATIONS),
    "AWS::EC2::SecurityGroupIngress": ("GroupId", *_RULE, "CidrIp", "CidrIpv6", *_SOURCES),
    "AWS::EC2::Subnet": ("VpcId", "CidrBlock"),
    "AWS::EC2::SubnetNetworkAclAssociation": ("SubnetId",),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCDHCPOptionsAssociation": ("VpcId",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("ListenerArn", "Priority"),
    "AWS::IAM::Policy": ("PolicyName", "Groups", "Roles", "Users"),
    "AWS::Route53::RecordSet": ("HostedZoneId", "Name", "Type", "SetIdentifier"),
    "AWS::SNS::TopicInlinePolicy": ("TopicArn",),
    "AWS::SNS::TopicPolicy": ("Topics",),
    "AWS::SQS::QueueInlinePolicy": ("Queue",),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId",),
    "AWS::SecretsManager::RotationSchedule": ("SecretId",),
    "AWS::WAFv2::WebACLAssociation": ("ResourceArn",),
}
# What a custom resource of this application makes, and under which type others would; types that make the same.
_MAKES: Final[Mapping[str, str]] = {
    "Custom::InitialParameter": "AWS::SSM::Parameter",
    "AWS::SNS::TopicInlinePolicy": "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueueInlinePolicy": "AWS::SQS::QueuePolicy",
}
# Of these, a policy for several: each of them has one.
_SEVERAL: Final = frozenset({"Topics", "Queues"})
_Key = tuple[str, ...]


def taken(comparison: Comparison) -> Iterator[Finding]:
    """Findings about what would be there twice."""
    asked = [it for it in comparison.changes if it.kind is Kind.ADDED or _moves(it)]
    kinds = {_kind(it.type) for it in asked}
    after, before = ({}, {}) if not asked else (_holders(comparison, kinds, before=it) for it in (False, True))
    for change in asked:
        sides = comparison.sides[change.stack]
        keys, itself = set(_keys(sides, change.new, comparison.head)), (change.stack, change.logical_id)
        if change.kind is not Kind.ADDED:
            keys -= set(_keys(sides, change.old, comparison.base))
        others = {it for key in keys for it in after.get(key, ())} - {itself}
        for other in sorted(comparison.sides[stack].path(logical_id) for stack, logical_id in others):
            message = f"is what `{other}` is already: AWS refuses it, or the one takes the place of the other"
            yield risk(change, Subject.REPLACEMENT, "made-twice", message)
        # A name is told by `replacements`.
        held = {it for key in keys if change.type in _ONE_FOR for it in before.get(key, ())} - others - {itself}
        for other in sorted(comparison.sides[stack].path(logical_id) for stack, logical_id in held):
            message = (
                f"is what `{other}` is until the same change: CloudFormation makes or updates the one before it "
                f"deletes or updates the other, and AWS refuses it, or both are gone afterwards"
            )
            yield risk(change, Subject.REPLACEMENT, "name-taken", message)


def _moves(change: Change) -> bool:
    """Whether what there may be one of differs: then it may become what another one is."""
    names = _ONE_FOR.get(change.type, change.names)
    return change.kind is Kind.CHANGED and any(change.differs(*name.split("/")) for name in names)


def _holders(comparison: Comparison, kinds: set[str], *, before: bool) -> dict[_Key, set[tuple[str, str]]]:
    """Resources by what they are the only one of, on one side."""
    found: dict[_Key, set[tuple[str, str]]] = defaultdict(set)
    whole = comparison.base if before else comparison.head
    for sides in comparison.sides.values():
        for logical_id, resource in (sides.before if before else sides.after).items():
            if _kind(str(resource.get("Type"))) in kinds:
                for key in _keys(sides, resource, whole):
                    found[key].add((sides.name, logical_id))
    return found


def _kind(resource_type: str) -> str:
    return _MAKES.get(resource_type, resource_type)


def _keys(sides: Sides, resource: Map, whole: Assembly) -> Iterator[_Key]:
    """What no second resource may have alike, in one region."""
    own = str(resource.get("Type"))
    its = schema(_kind(own), whole.region)
    names = _ONE_FOR.get(own) or (its.name_properties if its else ())
    found = [at(resource.get("Properties"), *name.split("/")) for name in names]
    beginning = _kind(own), sides.either.region
    if names and names[0] in _SEVERAL:
        yield from ((*beginning, _text(it, sides, whole)) for it in items(found[0]))
    elif any(it is not None for it in (found if own in _ONE_FOR else found[:1])):
        yield (*beginning, *(_text(it, sides, whole) for it in found))


def _text(value: Json, sides: Sides, whole: Assembly) -> str:
    """A name or a reference, which come to the same."""
    return "" if value is None else written(whole.values.value(sides.name, value))
