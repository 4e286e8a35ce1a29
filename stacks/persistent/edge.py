"""EdgeStack with a hosted zone: it outlives the month."""

from constructs import Construct

from constructs_lib.compute.origin import OriginCertificate, OriginHeader, StableOrigin
from constructs_lib.edge.distribution import ApiOrigin, EdgeDistribution
from constructs_lib.stack import HannibalStack
from installation.names import DISTRIBUTION_OUTPUT
from installation.settings import Settings
from stacks.persistent.artifact import ArtifactStack


class StableEdgeStack(HannibalStack):
    """CloudFront in front of the frontend's bucket and of a name in the zone, which a month's load balancer gets.

    So it refers to nothing that is destroyed: its address stays, and it answers while no month runs.
    """

    lifecycle = "persistent"
    purpose = "CloudFront for frontend and API"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, artifact: ArtifactStack) -> None:
        super().__init__(scope, construct_id, settings=settings)
        name, zone = settings.edge.origin_name, settings.edge.hosted_zone_id
        if name is None or zone is None:
            raise ValueError("an edge that outlives the month needs edge.hosted_zone_id")
        version = settings.edge.origin_header_version
        header = OriginHeader(
            self, "OriginHeader" if version == 1 else f"OriginHeader{version}", life="until its version changes"
        )
        certificate_arn = settings.load_balancer.certificate_arn
        if not certificate_arn:
            certificate_arn = OriginCertificate(self, "OriginCertificate", name=name, hosted_zone_id=zone).arn
        idle = settings.load_balancer.idle_timeout_seconds
        edge = EdgeDistribution(
            self,
            "Edge",
            settings=settings.edge,
            frontend_bucket=artifact.frontend_bucket,
            api=ApiOrigin(address=name, header=header.value, tls=True, idle_seconds=idle),
            stopped_page=True,
            log_bucket=artifact.access_log_bucket,
        )
        distribution_id = edge.distribution.distribution_id
        self.origin = StableOrigin(
            name=name,
            hosted_zone_id=zone,
            certificate_arn=certificate_arn,
            header=header,
            distribution_id=distribution_id,
            frontend_bucket=artifact.frontend_bucket.bucket_name,
        )
        self.output(DISTRIBUTION_OUTPUT, distribution_id, "Distribution to invalidate after an upload")
        self.output("Address", f"https://{edge.domain_name}", "Where users reach the system")
