"""Checks before a deployment that the domain's hosted zone exists, is this account's, and is the right one."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from installation.names import COMPUTE_STACK, EDGE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.stacks.state import Stack

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import HostedZoneTypeDef

# Route 53's errors for another account's zone are those for a zone that these credentials may not read.
_NOT_OURS: Final = ("NoSuchHostedZone", "AccessDenied", "AccessDeniedException", "InvalidInput")
_ADDRESSES: Final = ("A", "AAAA", "CNAME")


def hosted_zone_refusals(aws: Aws, *, deployed: Collection[str]) -> Iterator[str]:
    """Why the domain's records cannot be created, except those of existing stacks; nothing without a zone."""
    zone_settings, domain = aws.settings.edge.hosted_zone, aws.settings.edge.domain
    if zone_settings is None or domain is None:
        return
    zone = zone_settings.id
    setting = f"edge.hosted_zone_id: {zone}"
    hosted_zone: HostedZoneTypeDef | None = None
    with ignoring(*_NOT_OURS):
        hosted_zone = aws.route53.get_hosted_zone(Id=zone)["HostedZone"]
    if hosted_zone is None:
        yield (
            f"{setting} is no zone of this account that these credentials may see. Take its id from `aws route53 "
            f"list-hosted-zones`; for a zone of another account leave the setting out, and make the records for "
            f"{domain} there"
        )
        return
    name = hosted_zone["Name"].rstrip(".")
    if hosted_zone.get("Config", {}).get("PrivateZone"):
        yield f"{setting} ({name}) is a private zone, which users cannot resolve; name the public one"
    elif domain != name and not domain.endswith(f".{name}"):
        yield f"{setting} is the zone of {name}, in which {domain} does not lie"
    elif delegated := _delegated(aws, zone, name, zone_settings.certified):
        yield (
            f"{setting} ({name}) gives {delegated} to another zone by NS records, so that nobody asks it for that "
            "name; name the other zone"
        )
    else:
        for one, stack in {domain: EDGE_STACK, zone_settings.certified: STORAGE_STACK}.items():
            if stack not in deployed:
                yield from _existing(aws, zone, one, stack)


def hosted_zone_change_refusals(existing: Mapping[str, Stack], settings: Settings) -> Iterator[str]:
    """Why the setting cannot change now: it changes listeners, which CodeDeploy controls while a month runs."""
    wanted = settings.lifecycles.of(EDGE_STACK)
    edge, compute = existing.get(EDGE_STACK), existing.get(COMPUTE_STACK)
    if edge and compute and edge.lifecycle != wanted:
        yield (
            f"{EDGE_STACK} was deployed as {edge.lifecycle} and shall be {wanted}, because edge.hosted_zone_id "
            "has changed. That changes the load balancer's listeners: end the month with the setting as it was, "
            "`hannibal stop`, and start it with the new one"
        )


def _delegated(aws: Aws, zone: str, apex: str, name: str) -> str:
    """The part of a name that the zone delegates to another zone; empty if it delegates none."""
    while name != apex:
        if "NS" in _record_types(aws, zone, name):
            return name
        name = name.partition(".")[2]
    return ""


def _record_types(aws: Aws, zone: str, name: str) -> list[str]:
    """Types of the records of a name."""
    answer = aws.route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)
    return [record["Type"] for record in answer["ResourceRecordSets"] if record["Name"].rstrip(".") == name]


def _existing(aws: Aws, zone: str, domain: str, stack: str) -> Iterator[str]:
    """Refuse existing records that the stack did not create: CloudFormation does not replace them."""
    kinds = [kind for kind in _record_types(aws, zone, domain) if kind in _ADDRESSES]
    if kinds:
        yield (
            f"{domain} has {' and '.join(kinds)} record(s) already, which {stack} did not make; delete them in zone "
            f"{zone} when the name may lead to this system"
        )
