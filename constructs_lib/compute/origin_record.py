"""The name under which CloudFront finds the month's load balancer."""

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from constructs import Construct


class OriginRecord(Construct):
    """An alias record for IPv4, by which CloudFront asks. It comes and goes with the load balancer.

    Questions for it are free of charge.

    Args:
        name: the name.
        hosted_zone_id: public zone of this account that the name lies in.
        load_balancer: what the name leads to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        hosted_zone_id: str,
        load_balancer: elbv2.IApplicationLoadBalancer,
    ) -> None:
        super().__init__(scope, construct_id)
        route53.CfnRecordSet(
            self,
            "Ipv4",
            hosted_zone_id=hosted_zone_id,
            name=name,
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=load_balancer.load_balancer_dns_name,
                hosted_zone_id=load_balancer.load_balancer_canonical_hosted_zone_id,
            ),
        )
