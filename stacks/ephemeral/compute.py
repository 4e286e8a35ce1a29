"""ComputeStack: the API for a month."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.compute.dashboard import Dashboard
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.monitoring import Monitoring
from constructs_lib.compute.origin import OriginHeader
from constructs_lib.compute.outputs import add_outputs
from constructs_lib.compute.release import Releases
from constructs_lib.compute.roles import TaskRoles
from constructs_lib.compute.service import ApiService, Cluster, Egress
from constructs_lib.compute.stopped_page import StoppedPage
from constructs_lib.compute.task import ApiTask
from constructs_lib.compute.task_count import change_task_count
from constructs_lib.compute.variables import Variables
from constructs_lib.compute.verification import Verification
from constructs_lib.edge.distribution import ApiOrigin
from constructs_lib.stack import HannibalStack
from installation.settings import Settings
from stacks.ephemeral.storage import StorageStack
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.guardrail import GuardrailStack
from stacks.persistent.network import NetworkStack


class ComputeStack(HannibalStack):
    """Egress, cluster, load balancer, service, releases, alarms and dashboard.

    Args:
        storage: the database. With a stable origin, that stack has the load balancer; otherwise it is created here,
            with AWS's DNS name and a header of its own, which EdgeStack reads.
        guardrail: the topics of alarms and of the spent budget.

    Attributes:
        api: the load balancer, as an origin of EdgeStack's distribution.
    """

    lifecycle = "ephemeral"
    purpose = "What runs the API for a month, and what watches it"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        network: NetworkStack,
        artifact: ArtifactStack,
        storage: StorageStack,
        guardrail: GuardrailStack,
    ) -> None:
        super().__init__(scope, construct_id, settings=settings)
        self._header = storage.origin.header if storage.origin else OriginHeader(self, "OriginHeader")
        self._load_balancer = storage.load_balancer or LoadBalancer(
            self,
            "Front",
            settings=settings,
            vpc=network.vpc,
            security_groups=network.load_balancer_security_groups,
            log_bucket=artifact.load_balancer_log_bucket,
            certificate_arn=settings.load_balancer.certificate_arn,
            origin_header=self._header.value,
        )
        self.api = ApiOrigin(
            address=self._load_balancer.load_balancer.load_balancer_dns_name,
            header=self._header.value,
            tls=settings.encrypts_origin,
            idle_seconds=settings.load_balancer.idle_timeout_seconds,
        )
        service = self._service(network, artifact, storage)
        metrics = Metrics.of(self.names, self._load_balancer)
        change_task_count(
            self,
            settings=settings,
            service=service,
            metrics=metrics,
            limit_topic=guardrail.limit_topic,
            alert_topic=guardrail.topic,
        )
        monitoring = Monitoring(
            self, settings=settings, metrics=metrics, topic=guardrail.topic, service=service.service
        )
        Releases(
            self,
            "Releases",
            names=self.names,
            service=service,
            load_balancer=self._load_balancer,
            alarms=monitoring.of_releases,
            hook=self._verification(network, guardrail),
        )
        dashboard = Dashboard(self, "Monitoring", metrics=metrics, settings=settings, alarms=monitoring.shown)
        add_outputs(self, balancer=self._load_balancer, header=self._header, dashboard=dashboard)

    def _service(self, network: NetworkStack, artifact: ArtifactStack, storage: StorageStack) -> ApiService:
        settings, origin = self.settings, storage.origin
        variables = Variables(self, settings=settings, database=storage.access)
        roles = TaskRoles(
            self,
            "Roles",
            names=self.names,
            repository=artifact.repository,
            log_group=artifact.service_log_group,
            secrets=variables.all_references(),
            at_once=origin is not None,
            shells=settings.service.execute_command,
        )
        egress = Egress(self, "Egress", settings=settings, vpc=network.vpc)
        cluster = Cluster(self, "Cluster", settings=settings, vpc=network.vpc)
        log_group = artifact.service_log_group
        task = ApiTask(self, "Task", settings=settings, roles=roles, log_group=log_group, variables=variables)
        service = ApiService(
            self,
            "Service",
            settings=settings,
            cluster=cluster,
            egress=egress,
            security_group=network.service_security_group,
            task=task,
            load_balancer=self._load_balancer,
        )
        if origin:
            StoppedPage(self, "StoppedPage", names=self.names, origin=origin, after=service)
        return service

    def _verification(self, network: NetworkStack, guardrail: GuardrailStack) -> lambda_.IFunction | None:
        if network.release_probe is None:
            return None
        return Verification(
            self,
            "Verification",
            settings=self.settings,
            load_balancer=self._load_balancer,
            probe=network.release_probe,
            alert_topic=guardrail.topic,
        ).function
