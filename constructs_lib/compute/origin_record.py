"""The name under which CloudFront finds the month's load balancer."""

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from constructs_lib.compute.stable_origin import StableOrigin


class OriginRecord(Construct):
    """An alias record for IPv4, by which CloudFront asks. It comes and goes with the load balancer.

    Questions for it are free of charge.

    Args:
        origin: the name, and the zone that it lies in.
        load_balancer: what the name leads to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        origin: StableOrigin,
        load_balancer: elbv2.IApplicationLoadBalancer,
    ) -> None:
        super().__init__(scope, construct_id)
        route53.CfnRecordSet(
            self,
            "Ipv4",
            hosted_zone_id=origin.hosted_zone_id,
            name=origin.name,
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=load_balancer.load_balancer_dns_name,
                hosted_zone_id=load_balancer.load_balancer_canonical_hosted_zone_id,
            ),
        )
