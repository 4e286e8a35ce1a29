"""ArtifactStack: images, files, logs and records that outlive the month."""

from constructs import Construct

from constructs_lib.artifact.image_repository import ImageRepository
from constructs_lib.artifact.initial_parameters import InitialParameter, InitialParameters
from constructs_lib.artifact.log_delivery import allow_distribution_reads, allow_load_balancer_logs
from constructs_lib.buckets import AccessLogBucket, PrivateBucket
from constructs_lib.log_group import LogGroup
from constructs_lib.stack import KEEP, HannibalStack
from constructs_lib.storage.password import DatabaseSecret
from installation.settings import Settings


class ArtifactStack(HannibalStack):
    """Images, frontend, logs, the database's password and the record of the release that runs."""

    lifecycle = "persistent"
    purpose = "Images, frontend, logs, password and release record"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, settings=settings)
        self._buckets()
        self._logs()
        self.repository = ImageRepository(self, "Repository", name=self.names.repository)
        self._parameters()
        self.database_secret = DatabaseSecret(
            self, "DatabasePassword", name=self.names.database_secret, user=settings.database.user
        )
        self._outputs()

    def _buckets(self) -> None:
        days = self.settings.load_balancer.access_log_retention_days
        account = self.account
        self.access_log_bucket = AccessLogBucket(
            self, "AccessLogs", name=self.names.access_log_bucket(account), expire_days=days, accepts_acls=True
        )
        self.load_balancer_log_bucket = PrivateBucket(
            self,
            "LoadBalancerLogs",
            name=self.names.load_balancer_log_bucket(account),
            expire_days=days,
            log_to=self.access_log_bucket,
        )
        allow_load_balancer_logs(self.load_balancer_log_bucket)
        self.frontend_bucket = PrivateBucket(
            self, "Frontend", name=self.names.frontend_bucket(account), log_to=self.access_log_bucket
        )
        allow_distribution_reads(self.frontend_bucket)

    def _parameters(self) -> None:
        names, service = self.names, self.settings.service
        parameters = [
            InitialParameter(
                construct_id="Parameter",
                name=names.release_parameter,
                value=service.initial_image,
                description="Image of the release that runs; written by releases, read when a month starts",
            )
        ]
        if service.uses("frontend_url") and not self.settings.edge.domain:
            parameters.append(
                InitialParameter(
                    construct_id="FrontendUrl",
                    name=names.frontend_url_parameter,
                    # A name that nobody can own (RFC 2606): until CloudFront has an address, no origin is right.
                    value="https://not-deployed.invalid",
                    description="Address of the frontend; written by EdgeStack, read when a task starts",
                )
            )
        InitialParameters(
            self, "Release", names=names, parameters=parameters, tags=self.own_tags, log_group=self.function_log_group
        )

    def _logs(self) -> None:
        names, days = self.names, self.settings.service.log_retention_days
        self.service_log_group = LogGroup(self, "ServiceLogs", name=names.service_log_group, days=days, removal=KEEP)
        # Also for functions of ephemeral stacks: their logs are needed after a failed restore has deleted the stack.
        self.function_log_group = LogGroup(self, "FunctionLogs", name=names.function_log_group, days=days, removal=KEEP)
        # RDS writes to a group of this name; created here, it outlives the instance and its lines expire.
        LogGroup(self, "DatabaseLogs", name=names.database_log_group, days=days, removal=KEEP)

    def _outputs(self) -> None:
        self.output("RepositoryUri", self.repository.repository_uri, "Where images are pushed to")
        self.output("FrontendBucket", self.frontend_bucket.bucket_name, "Where the frontend's files are copied to")
        self.output("LoadBalancerLogBucket", self.load_balancer_log_bucket.bucket_name, "Load balancer access logs")
        self.output("AccessLogBucket", self.access_log_bucket.bucket_name, "Access logs of CloudFront and buckets")
        self.output("ServiceLogGroup", self.service_log_group.log_group_name, "Log group of the service")
        self.output("FunctionLogGroup", self.function_log_group.log_group_name, "Log group of the functions")
        self.output("DatabaseSecret", self.names.database_secret, "Secret with the database's user and password")
        self.output("ReleaseParameter", self.names.release_parameter, "SSM parameter with the image that runs")
