"""Permissions for DNS: for the one zone and the names that settings say, for addresses and the proof of one name.

It is in no generated policy. Whoever may change any record of a zone can have certificates issued for its names, and
take its mail; so an administrator gives this, for these names, by deploying IdentityStack with the settings.
"""

from typing import Final

from installation.permissions.statements import Arns, HostedZone, Statement

# The action, and how the keys of its conditions begin.
_KEY: Final = "route53:ChangeResourceRecordSets"
_SEE: Final = ("route53:GetHostedZone", "route53:ListResourceRecordSets")
_ANY_CHANGE: Final = "arn:aws:route53:::change/*"
CHANGES: Final = "Each change has an id of its own, which AWS gives."


def change_records(arns: Arns) -> tuple[Statement, ...]:
    """Make, change and delete address records of the installation's names, and see when they are everywhere."""
    zone = arns.hosted_zone
    if zone is None:
        return ()
    return (
        Statement(
            sid="ChangeDomainRecords",
            actions=(_KEY,),
            resources=_zone(zone),
            # Amazon Route 53 developer guide, "Using IAM policy conditions for fine-grained access control". A request
            # without the keys, of which ForAllValues would approve, is refused by the last two.
            conditions={
                "ForAllValues:StringEquals": {
                    f"{_KEY}NormalizedRecordNames": list(zone.names),
                    f"{_KEY}RecordTypes": ["A", "AAAA"],
                },
                "Null": {f"{_KEY}NormalizedRecordNames": "false", f"{_KEY}RecordTypes": "false"},
            },
        ),
        Statement(
            # By such a record AWS sees that a name is ours before it certifies it. Whoever may change the addresses of
            # a name can have it certified anyway, by a file that its server shows.
            sid="CertifyOrigin",
            actions=(_KEY,),
            resources=_zone(zone),
            conditions={
                "ForAllValues:StringLike": {f"{_KEY}NormalizedRecordNames": _proof(zone)},
                "ForAllValues:StringEquals": {f"{_KEY}RecordTypes": "CNAME"},
                "Null": {f"{_KEY}NormalizedRecordNames": "false", f"{_KEY}RecordTypes": "false"},
            },
        ),
        Statement(sid="SeeDomainRecords", actions=_SEE, resources=_zone(zone)),
        Statement(sid="SeeDomainChanges", actions=("route53:GetChange",), resources=(_ANY_CHANGE,), reason=CHANGES),
    )


def domain_ceiling(arns: Arns, *, proof: bool = False) -> tuple[Statement, ...]:
    """The same for a boundary, in fewer letters: no role can ever change anything in the zone but addresses.

    Args:
        proof: and records of the type by which AWS sees that a name is ours; their names the policy says.
    """
    zone = arns.hosted_zone
    if zone is None:
        return ()
    return (
        Statement(
            sid="Domain",
            actions=("route53:*RecordSets", "route53:Get*"),
            resources=(*_zone(zone), _ANY_CHANGE),
            reason=CHANGES,
            # A and AAAA; no other begins so.
            conditions={"ForAllValues:StringLike": {f"{_KEY}RecordTypes": ["A*", "CNAME"] if proof else "A*"}},
        ),
    )


def see_zone(arns: Arns) -> tuple[Statement, ...]:
    """See whether the zone of the settings is this account's, before anything is deployed."""
    zone = arns.hosted_zone
    if zone is None:
        return ()
    return (Statement(sid="SeeZone", actions=_SEE, resources=_zone(zone)),)


def _proof(zone: HostedZone) -> str:
    """The records by which AWS sees that the certified name is ours; the beginning is AWS's."""
    return f"_*.{zone.certified}"


def _zone(zone: HostedZone) -> tuple[str, ...]:
    return (f"arn:aws:route53:::hostedzone/{zone.id}",)
