"""EdgeStack: what users reach."""

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from constructs_lib.edge.distribution import EdgeDistribution, EdgeOrigins
from constructs_lib.edge.frontend_url import FrontendUrl
from constructs_lib.stack import HannibalStack, Lifecycle
from installation.settings import Settings
from stacks.persistent.artifact import ArtifactStack


class EdgeStack(HannibalStack):
    """CloudFront before the frontend's bucket and the API's load balancer.

    Args:
        settings: the installation's settings.
        artifact: the stack with the frontend's bucket and the bucket of access logs, whose policies already allow
            what CloudFront does.
        load_balancer: the API.
        origin_header: value of the header by which it knows the distribution.
    """

    lifecycle = Lifecycle.EPHEMERAL

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        artifact: ArtifactStack,
        load_balancer: elbv2.IApplicationLoadBalancer,
        origin_header: str,
    ) -> None:
        super().__init__(scope, construct_id, settings=settings, description="CloudFront for frontend and API")
        edge = EdgeDistribution(
            self,
            "Edge",
            settings=settings.edge,
            origins=EdgeOrigins(
                frontend_bucket=artifact.frontend_bucket,
                api=load_balancer.load_balancer_dns_name,
                header=origin_header,
                tls=settings.load_balancer.certificate_arn is not None,
            ),
            log_bucket=artifact.access_log_bucket,
        )
        address = f"https://{edge.domain_name}"
        if settings.service.uses("frontend_url") and not settings.edge.domain:
            FrontendUrl(self, "FrontendUrl", names=self.names, address=address)
        self.output("DistributionId", edge.distribution.distribution_id, "Distribution to invalidate after an upload")
        self.output("Address", address, "Where users reach the system")
