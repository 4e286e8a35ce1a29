"""Checks before a deployment that the domain can be this system's: its certificates, DNS record and hosted zone."""

import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from installation.names import COMPUTE_STACK, EDGE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.stacks.state import Stack, has_nothing

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef
    from mypy_boto3_route53.type_defs import HostedZoneTypeDef

_PATIENCE_SECONDS: Final = 10.0
_DISTRIBUTION: Final = re.compile(r"canonical name = (\S+\.cloudfront\.net)\.?\s", re.IGNORECASE)
# Route 53's errors for another account's zone are those for a zone that these credentials may not read.
_NOT_OURS: Final = ("NoSuchHostedZone", "AccessDenied", "AccessDeniedException", "InvalidInput")
_ADDRESSES: Final = ("A", "AAAA", "CNAME")


def domain_refusals(aws: Aws, existing: Mapping[str, Stack], edge: Stack | None) -> Iterator[str]:
    """Why a start cannot give the domain to this system; `edge` is EdgeStack where its distribution stays."""
    yield from certificate_refusals(aws)
    yield from hosted_zone_refusals(aws, deployed=[name for name, it in existing.items() if not has_nothing(it)])
    yield from hosted_zone_change_refusals(existing, aws.settings)
    yield from domain_record_refusals(aws, edge)


def certificate_refusals(aws: Aws) -> Iterator[str]:
    """Why a certificate cannot be used for the domain; nothing where these credentials may not read it.

    CloudFront refuses its certificate only after minutes, and answers 502 to every request where the load balancer's
    does not cover the domain (CloudFront developer guide, "HTTP 502 status code (Bad Gateway)").
    """
    edge, balancer = aws.settings.edge, aws.settings.load_balancer
    if edge.domain and edge.certificate_arn:
        yield from _unusable_certificate_refusals(
            aws.edge_acm, "edge.certificate_arn", edge.certificate_arn, edge.domain
        )
    if edge.domain and balancer.certificate_arn:
        yield from _unusable_certificate_refusals(
            aws.acm, "load_balancer.certificate_arn", balancer.certificate_arn, edge.domain
        )


def _unusable_certificate_refusals(acm: "ACMClient", field: str, arn: str, domain: str) -> Iterator[str]:
    with ignoring(*DENIED):
        certificate: CertificateDetailTypeDef | None = None
        with ignoring("ResourceNotFoundException"):
            certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        if certificate is None:
            listing = f"aws acm list-certificates --region {arn.split(':')[3]}"
            yield f"{field}: {arn} is no certificate of this account. `{listing}` shows those that are"
            return
        names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
        if not any(_covers(name, domain) for name in names):
            yield f"{field}: {arn} is for {', '.join(sorted(names))}, which does not cover {domain}"
        elif certificate["Status"] != "ISSUED":
            pending = "PENDING" in certificate["Status"]
            way_out = "make the records that its page in the console shows" if pending else "ask for another"
            yield f"{field}: {arn} is {certificate['Status']}, not ISSUED: {way_out}"


def _covers(name: str, domain: str) -> bool:
    """Whether a certificate's name covers a domain; a wildcard covers one label."""
    return name == domain or (name.startswith("*.") and domain.partition(".")[2] == name[2:])


def domain_record_notes(aws: Aws, edge: Stack | None = None) -> Iterator[str]:
    """Say that nobody looks at the record, where the program that asks DNS is not installed."""
    domain = aws.settings.edge.domain
    if (
        domain is not None
        and domain not in _domains_of(edge)
        and aws.endpoint is None
        and shutil.which("nslookup") is None
    ):
        yield (
            f"`nslookup` is not installed, so it is unknown whether {domain} still leads to a former distribution: "
            "CloudFront would then refuse it, at the end of the start"
        )


def domain_record_refusals(aws: Aws, edge: Stack | None = None) -> Iterator[str]:
    """Why CloudFront would refuse the domain for a distribution without it; nothing where no DNS can be asked.

    It takes no domain whose record leads to another distribution, not even to one that was deleted (CloudFront
    developer guide, "Restrictions on using alternate domain names"; terraform-provider-aws #8734, amplify-hosting
    #2077). Its API says so only while the distribution is created.
    """
    domain, own = aws.settings.edge.domain, _domains_of(edge)
    if domain is None or domain in own or aws.endpoint is not None:  # the embedded AWS asks no DNS
        return
    answer = ""
    with suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(  # noqa: S603 - fixed program, no shell; the settings allow a domain's letters only
            ["nslookup", "-type=CNAME", domain],  # noqa: S607 - found in the operator's PATH
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
        ).stdout
    if (found := _DISTRIBUTION.search(answer)) and found[1].lower() not in own:
        yield (
            f"edge.domain: {domain} leads to {found[1]}, and CloudFront gives no other distribution a domain that "
            "does: delete the record, and wait until its time to live is over"
        )


def _domains_of(edge: Stack | None) -> frozenset[str]:
    """The domains of a deployed distribution, its own and the settings' of that time, by the stack's outputs."""
    return frozenset(it.value.removeprefix("https://").lower() for it in edge.outputs) if edge else frozenset()


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
                yield from _existing_record_refusals(aws, zone, one, stack)


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
    answer = aws.route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)
    return [record["Type"] for record in answer["ResourceRecordSets"] if record["Name"].rstrip(".") == name]


def _existing_record_refusals(aws: Aws, zone: str, domain: str, stack: str) -> Iterator[str]:
    """Refuse existing records that the stack did not create: CloudFormation does not replace them."""
    kinds = [kind for kind in _record_types(aws, zone, domain) if kind in _ADDRESSES]
    if kinds:
        yield (
            f"{domain} has {' and '.join(kinds)} record(s) already, which {stack} did not make; delete them in zone "
            f"{zone} when the name may lead to this system"
        )
