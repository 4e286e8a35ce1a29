"""What the month's load balancer takes from a distribution that outlives the month."""

from dataclasses import dataclass

from constructs_lib.compute.origin_header import OriginHeader


@dataclass(frozen=True, kw_only=True)
class StableOrigin:
    """What the month's load balancer takes from its distribution."""

    name: str  # the load balancer's name, as the distribution's origin
    hosted_zone_id: str  # public zone of this account that the name lies in
    certificate_arn: str  # certificate for the listener
    header: OriginHeader  # the header by which the load balancer recognizes the distribution
    distribution_id: str  # the distribution
    frontend_bucket: str  # name of the bucket with the pages
