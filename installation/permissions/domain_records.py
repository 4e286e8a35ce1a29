"""Permissions for DNS in the settings' zone: address records of their names, and the validation record of one name.

They are in no generated policy. Whoever may change any record of a zone can get certificates for its names, and
receive its mail; so an administrator grants them, for these names, by deploying IdentityStack with the settings.
"""

from typing import Final

from installation.permissions.statements import Arns, HostedZone, Statement

_KEY: Final = "route53:ChangeResourceRecordSets"  # The action, and how the keys of its conditions begin
_SEE: Final = ("route53:GetHostedZone", "route53:ListResourceRecordSets")
_ANY_CHANGE: Final = "arn:aws:route53:::change/*"
CHANGES: Final = "Each change has an id of its own, which AWS gives."


def change_records(arns: Arns) -> tuple[Statement, ...]:
    """Create, change and delete address records of the installation's names, and see when a change is complete."""
    zone = arns.hosted_zone
    if zone is None:
        return ()
    return (
        Statement(
            sid="ChangeDomainRecords",
            actions=(_KEY,),
            resources=_zone(zone),
            # Amazon Route 53 developer guide, "Using IAM policy conditions for fine-grained access control". A request
            # without the keys, which ForAllValues would allow, is refused by the last two.
            conditions={
                "ForAllValues:StringEquals": {
                    f"{_KEY}NormalizedRecordNames": list(zone.names),
                    f"{_KEY}RecordTypes": ["A", "AAAA"],
                },
                "Null": {f"{_KEY}NormalizedRecordNames": "false", f"{_KEY}RecordTypes": "false"},
            },
        ),
        Statement(
            # By such a record ACM validates a name before it issues a certificate. Whoever may change the addresses of
            # a name can get a certificate for it anyway, by a file that its server serves.
            sid="CertifyOrigin",
            actions=(_KEY,),
            resources=_zone(zone),
            conditions={
                # The validation records of the certified name; ACM chooses their beginning.
                "ForAllValues:StringLike": {f"{_KEY}NormalizedRecordNames": f"_*.{zone.certified}"},
                "ForAllValues:StringEquals": {f"{_KEY}RecordTypes": "CNAME"},
                "Null": {f"{_KEY}NormalizedRecordNames": "false", f"{_KEY}RecordTypes": "false"},
            },
        ),
        Statement(sid="SeeDomainRecords", actions=_SEE, resources=_zone(zone)),
        Statement(sid="SeeDomainChanges", actions=("route53:GetChange",), resources=(_ANY_CHANGE,), reason=CHANGES),
    )


def domain_ceiling(arns: Arns, *, proof: bool = False) -> tuple[Statement, ...]:
    """The same for a boundary, in fewer characters: no role can ever change other records of the zone than addresses.

    Args:
        proof: also allow records of the type by which ACM validates a name; the role's policy limits their names.
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
            # A and AAAA; no other type begins with A.
            conditions={"ForAllValues:StringLike": {f"{_KEY}RecordTypes": ["A*", "CNAME"] if proof else "A*"}},
        ),
    )


def read_zone(arns: Arns) -> tuple[Statement, ...]:
    """Read whether the zone of the settings is this account's, before anything is deployed."""
    zone = arns.hosted_zone
    if zone is None:
        return ()
    return (Statement(sid="SeeZone", actions=_SEE, resources=_zone(zone)),)


def _zone(zone: HostedZone) -> tuple[str, ...]:
    return (f"arn:aws:route53:::hostedzone/{zone.id}",)
