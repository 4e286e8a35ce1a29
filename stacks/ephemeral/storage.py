"""StorageStack: the month's database, restored from the last snapshot, and with a stable origin the load balancer."""

from constructs import Construct

from constructs_lib.alias_records import IPV4, AliasRecords
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.origin import StableOrigin
from constructs_lib.stack import HannibalStack
from constructs_lib.storage.connection import Connection
from constructs_lib.storage.database import Database
from constructs_lib.storage.password import MonthsPassword
from installation.names import DATABASE_URL_OUTPUT
from installation.settings import Settings
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.edge import StableEdgeStack
from stacks.persistent.network import NetworkStack


class StorageStack(HannibalStack):
    """RDS PostgreSQL with the data of the month before, and the connection string of the service.

    With a stable origin the load balancer is created here, while the database is, and not after it (decision record
    47).

    Args:
        edge: the edge that outlives the month, with name, certificate and header for the load balancer; None:
            ComputeStack has the load balancer.

    Attributes:
        access: secrets and instance by which the service reaches the database.
        origin: the stable origin of the edge; None without one.
        load_balancer: the load balancer; None where ComputeStack has it.
    """

    lifecycle = "ephemeral"
    purpose = "Database of the month, restored from its last snapshot"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        network: NetworkStack,
        artifact: ArtifactStack,
        edge: StableEdgeStack | None = None,
    ) -> None:
        super().__init__(scope, construct_id, settings=settings)
        password = MonthsPassword(self, "Password", names=self.names, secret=artifact.database_secret)
        database = Database(
            self,
            "Database",
            settings=settings,
            vpc=network.vpc,
            security_group=network.database_security_group,
            password=password.value,
        )
        self.access = Connection(
            self,
            "Connection",
            settings=settings.database,
            instance=database.instance,
            credentials=artifact.database_secret,
            password=password.value,
        ).access
        self.origin = edge.origin if edge else None
        self.load_balancer = self._load_balancer(self.origin, network, artifact) if self.origin else None
        self.output("DatabaseIdentifier", self.names.database, "Name of the database instance")
        self.output("DatabaseEndpoint", database.instance.db_instance_endpoint_address, "Address of the database")
        self.output(DATABASE_URL_OUTPUT, self.access.url.secret_arn, "Secret with the service's DATABASE_URL")

    def _load_balancer(self, origin: StableOrigin, network: NetworkStack, artifact: ArtifactStack) -> LoadBalancer:
        load_balancer = LoadBalancer(
            self,
            "Front",
            settings=self.settings,
            vpc=network.vpc,
            security_groups=network.load_balancer_security_groups,
            log_bucket=artifact.load_balancer_log_bucket,
            certificate_arn=origin.certificate_arn,
            origin_header=origin.header.value,
        )
        # It exists as long as the load balancer, which CloudFront reaches by IPv4.
        AliasRecords(
            self,
            "OriginRecord",
            name=origin.name,
            hosted_zone_id=origin.hosted_zone_id,
            target=load_balancer.load_balancer.load_balancer_dns_name,
            target_zone=load_balancer.load_balancer.load_balancer_canonical_hosted_zone_id,
            kinds=IPV4,
        )
        return load_balancer
