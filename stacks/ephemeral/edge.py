"""EdgeStack: what users reach."""

from constructs import Construct

from constructs_lib.edge.distribution import ApiOrigin, EdgeDistribution
from constructs_lib.edge.frontend_url import FrontendUrl
from constructs_lib.stack import HannibalStack
from installation.names import DISTRIBUTION_OUTPUT, RECORD_OUTPUT
from installation.settings import Settings
from stacks.persistent.artifact import ArtifactStack


class EdgeStack(HannibalStack):
    """CloudFront in front of the frontend's bucket and the API's load balancer.

    Args:
        artifact: the stack with the frontend's bucket and the bucket of access logs, whose policies already allow
            what CloudFront does.
    """

    lifecycle = "ephemeral"
    purpose = "CloudFront for frontend and API"

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, artifact: ArtifactStack, api: ApiOrigin
    ) -> None:
        super().__init__(scope, construct_id, settings=settings)
        edge = EdgeDistribution(
            self,
            "Edge",
            settings=settings.edge,
            frontend_bucket=artifact.frontend_bucket,
            api=api,
            log_bucket=artifact.access_log_bucket,
        )
        address, distribution_id = f"https://{edge.domain_name}", edge.distribution.distribution_id
        if settings.service.uses("frontend_url") and not settings.edge.domain:
            FrontendUrl(self, "FrontendUrl", names=self.names, address=address)
        self.output(DISTRIBUTION_OUTPUT, distribution_id, "Distribution to invalidate after an upload")
        self.output("Address", address, "Where users reach the system")
        if settings.edge.domain:
            target = edge.distribution.distribution_domain_name
            self.output(RECORD_OUTPUT, target, "Where the domain's DNS record has to lead this month")
