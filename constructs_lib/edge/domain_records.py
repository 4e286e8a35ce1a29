"""The domain's records in Route 53: they lead to the month's distribution."""

from typing import Final

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from constructs import Construct

# The zone of all distributions (Amazon Route 53 API reference, AliasTarget, HostedZoneId).
_CLOUDFRONT_ZONE: Final = "Z2FDTNDATAQYW2"


class DomainRecords(Construct):
    """Alias records for IPv4 and IPv6. Nothing is looked up: the zone is given by its id, the record by the domain.

    Questions for alias records of distributions are free of charge.

    Args:
        domain: the name that users know.
        hosted_zone_id: public zone of this account that the domain lies in.
        distribution: what the name leads to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: str,
        hosted_zone_id: str,
        distribution: cloudfront.IDistribution,
    ) -> None:
        super().__init__(scope, construct_id)
        for construct, kind in (("Ipv4", "A"), ("Ipv6", "AAAA")):
            route53.CfnRecordSet(
                self,
                construct,
                hosted_zone_id=hosted_zone_id,
                name=domain,
                type=kind,
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=distribution.distribution_domain_name, hosted_zone_id=_CLOUDFRONT_ZONE
                ),
            )
