"""The section `network` of a configuration file."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from installation.aws_facts.limits import NO_VPC
from installation.settings.section import RetentionDays, Section

Ipv4Range = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$")]


class NetworkSettings(Section):
    """The VPC and who may reach it."""

    cidr: Ipv4Range = "10.42.0.0/16"
    """IPv4 range of the VPC, /16 to /20; not 10.0.0.0/16, which most other networks already use. The first bootstrap
    decides it: no VPC changes its range."""
    availability_zones: tuple[str, ...] = Field(min_length=2, max_length=3)
    """Zones by name, so that synthesis does not have to ask AWS; a load balancer needs at least two. The first
    bootstrap decides them too; a third may be added at the end."""
    egress: Literal["public_ip", "nat_gateway"]
    """How tasks reach the internet: an address of their own, or a NAT gateway (45 USD a month)."""
    allowed_ingress: tuple[Ipv4Range, ...] = ()
    """Ranges besides CloudFront that may reach the load balancer and its test listener; none by default."""
    cloudfront_prefix_list_id: str = Field(default="", pattern=r"^pl-[0-9a-f]+$")
    """AWS's list of CloudFront's origin-facing addresses; by default the region's."""
    flow_log_retention_days: RetentionDays = 14
    """Days that flow logs are kept: long enough to examine last week's incident; they are billed by the GB."""

    def _check_ranges(self) -> Iterator[str]:
        for field, text in [("cidr", self.cidr), *[("allowed_ingress", cidr) for cidr in self.allowed_ingress]]:
            try:
                network = IPv4Network(text)
            except ValueError as error:
                yield f"{field}: {error}"
            kept = next((it for it in NO_VPC if field == "cidr" and network.overlaps(it)), None)
            if kept:
                yield f"cidr: {text} is in {kept}, in which AWS creates no VPC; use a range of 10.0.0.0/8"
            if field == "cidr" and not 16 <= network.prefixlen <= 20:
                yield f"cidr: {text} must be between /16 and /20 to hold three tiers of subnets"
            if field == "allowed_ingress" and network.prefixlen == 0:
                yield "allowed_ingress: 0.0.0.0/0 would open the origin to everybody, bypassing CloudFront"
        for field, values in (
            ("availability_zones", self.availability_zones),
            ("allowed_ingress", self.allowed_ingress),
        ):
            if len(set(values)) < len(values):
                yield f"{field}: {', '.join(values)} names one of them twice"
