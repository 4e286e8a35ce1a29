"""Checks that CloudFront and the load balancer can use the settings' certificates, and that these cover the domain."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef


def certificate_refusals(aws: Aws) -> Iterator[str]:
    """Why a certificate cannot be used for the domain; nothing where these credentials may not read it.

    CloudFront refuses its certificate only after minutes, and answers 502 to every request where the load balancer's
    does not cover the domain (CloudFront developer guide, "HTTP 502 status code (Bad Gateway)").
    """
    edge, balancer = aws.settings.edge, aws.settings.load_balancer
    if edge.domain and edge.certificate_arn:
        yield from _refusals(aws.edge_acm, "edge.certificate_arn", edge.certificate_arn, edge.domain)
    if edge.domain and balancer.certificate_arn:
        yield from _refusals(aws.acm, "load_balancer.certificate_arn", balancer.certificate_arn, edge.domain)


def _refusals(acm: "ACMClient", field: str, arn: str, domain: str) -> Iterator[str]:
    with ignoring(*DENIED):
        certificate: CertificateDetailTypeDef | None = None
        with ignoring("ResourceNotFoundException"):
            certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        if certificate is None:
            yield f"{field}: {arn} is no certificate of this account. `{_list(arn)}` shows those that are"
            return
        names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
        if not any(_covers(name, domain) for name in names):
            yield f"{field}: {arn} is for {', '.join(sorted(names))}, which does not cover {domain}"
        elif certificate["Status"] != "ISSUED":
            records = (
                "make the records that its page in the console shows"
                if "PENDING" in certificate["Status"]
                else "ask for another"
            )
            yield f"{field}: {arn} is {certificate['Status']}, not ISSUED: {records}"


def _list(arn: str) -> str:
    return f"aws acm list-certificates --region {arn.split(':')[3]}"


def _covers(name: str, domain: str) -> bool:
    """Whether a certificate's name covers a domain; a wildcard covers one label."""
    return name == domain or (name.startswith("*.") and domain.partition(".")[2] == name[2:])
