"""ComputeStack: what runs the API for a month."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.compute.alarms import Alarms
from constructs_lib.compute.autoscaling import Autoscaling
from constructs_lib.compute.budget_pause import BudgetPause
from constructs_lib.compute.cluster import Cluster
from constructs_lib.compute.dashboard import Dashboard
from constructs_lib.compute.egress import Egress
from constructs_lib.compute.exercises import Exercises
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.origin_header import OriginHeader
from constructs_lib.compute.pauses import Pauses
from constructs_lib.compute.release import Releases
from constructs_lib.compute.roles import TaskRoles
from constructs_lib.compute.service import ApiService
from constructs_lib.compute.stopped_page import StoppedPage
from constructs_lib.compute.synthetic_check import SyntheticCheck
from constructs_lib.compute.task import ApiTask
from constructs_lib.compute.variables import Variables
from constructs_lib.compute.verification import Verification
from constructs_lib.stack import HannibalStack, Lifecycle
from installation.exercise_faults import EXERCISE_OUTPUTS
from installation.names import ORIGIN_HEADER_OUTPUT, VERIFICATION_LOG_OUTPUT, VERIFICATION_OUTPUT
from installation.settings import Settings
from stacks.ephemeral.storage import StorageStack
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.edge import StableOrigin
from stacks.persistent.network import NetworkStack


class ComputeStack(HannibalStack):
    """Egress, cluster, load balancer, service, releases, alarms and dashboard.

    Args:
        settings: the installation's settings.
        network: the network.
        artifact: image, logs and records.
        storage: the database, and the load balancer where that stack has it.
        alert_topic: whom alarms tell.
        limit_topic: what is written to when the budget is spent and the month shall be paused; None: nothing pauses it.
        origin: name, certificate and header for the load balancer; None: it has the name that AWS gives, and its
            own header, which EdgeStack reads.
    """

    lifecycle = Lifecycle.EPHEMERAL

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        network: NetworkStack,
        artifact: ArtifactStack,
        storage: StorageStack,
        alert_topic: sns.ITopic,
        limit_topic: sns.ITopic | None = None,
        origin: StableOrigin | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, settings=settings, description="What runs the API for a month, and what watches it"
        )
        if origin is None:
            own = OriginHeader(self, "OriginHeader")
            self.origin_header, self._header_secret = own.value, own.secret
        else:
            self.origin_header, self._header_secret = origin.header, origin.header_secret
        self._front = storage.front or LoadBalancer(
            self,
            "Front",
            names=self.names,
            vpc=network.vpc,
            security_groups=network.load_balancer_security_groups,
            log_bucket=artifact.load_balancer_log_bucket,
            settings=settings.load_balancer,
            certificate_arn=settings.load_balancer.certificate_arn,
            service=settings.service,
            origin_header=self.origin_header,
        )
        self.load_balancer = self._front.load_balancer
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
        service = self._service(network, artifact, variables, roles)
        if origin is not None:
            StoppedPage(
                self,
                "StoppedPage",
                names=self.names,
                bucket=origin.frontend_bucket,
                distribution_id=origin.distribution_id,
                after=service,
            )
        metrics = Metrics.of(self.names, self._front)
        if settings.service.autoscaling:
            Autoscaling(
                self,
                "Autoscaling",
                names=self.names,
                settings=settings.service.autoscaling,
                service=service,
                metrics=metrics,
            )
        self._pauses(limit_topic, alert_topic)
        alarms = Alarms(
            self,
            "Alarms",
            metrics=metrics,
            settings=settings,
            topic=alert_topic,
            service=service.service,
        )
        shown = list(alarms.all)
        if settings.synthetic_check:
            check = SyntheticCheck(
                self,
                "SyntheticCheck",
                settings=settings,
                check=settings.synthetic_check,
                topic=alert_topic,
                service=service.service,
            )
            shown.insert(0, check.alarm)
        if settings.exercises:
            stopping = (self.names.no_target_alarm, self.names.errors_alarm)
            exercises = Exercises(self, "Exercises", names=self.names, stop_alarms=stopping)
            exercises.node.add_dependency(alarms)
            for fault, template in exercises.templates.items():
                self.output(EXERCISE_OUTPUTS[fault], template, f"Template of FIS for {fault}")
        verification = self._verification(network, alert_topic)
        Releases(
            self,
            "Releases",
            names=self.names,
            service=service,
            roles=roles,
            load_balancer=self._front,
            alarms=alarms.of_releases,
            hook=verification,
        )
        dashboard = Dashboard(self, "Monitoring", metrics=metrics, settings=settings, alarms=shown)
        self._outputs(dashboard)

    def _pauses(self, limit_topic: sns.ITopic | None, alert_topic: sns.ITopic) -> None:
        """Nights and weekends, and the end of the budget."""
        settings = self.settings
        if settings.schedule:
            Pauses(
                self,
                "Pauses",
                names=self.names,
                settings=settings.schedule,
                tasks=settings.service.desired_count,
            )
        if limit_topic is not None:
            BudgetPause(
                self,
                "BudgetPause",
                settings=settings,
                topic=limit_topic,
                alert_topic=alert_topic,
            )

    def _verification(self, network: NetworkStack, alert_topic: sns.ITopic) -> lambda_.IFunction | None:
        if network.release_probe is None:
            return None
        verification = Verification(
            self,
            "Verification",
            settings=self.settings,
            load_balancer=self._front,
            probe=network.release_probe,
            alert_topic=alert_topic,
        )
        function = verification.function
        self.output(VERIFICATION_OUTPUT, function.function_name, "Function that looks at a release before its users do")
        self.output(VERIFICATION_LOG_OUTPUT, function.log_group.log_group_name, "Log group of that function")
        return function

    def _service(
        self, network: NetworkStack, artifact: ArtifactStack, variables: Variables, roles: TaskRoles
    ) -> ApiService:
        settings = self.settings.service
        egress = Egress(self, "Egress", vpc=network.vpc, kind=self.settings.network.egress, name=self.settings.project)
        cluster = Cluster(
            self,
            "Cluster",
            name=self.names.cluster,
            vpc=network.vpc,
            settings=settings,
            log_group_name=self.names.service_log_group,
        )
        task = ApiTask(
            self,
            "Task",
            names=self.names,
            settings=settings,
            database=self.settings.database,
            roles=roles,
            log_group=artifact.service_log_group,
            variables=variables,
            release_parameter=artifact.release_parameter_name,
        )
        return ApiService(
            self,
            "Service",
            names=self.names,
            settings=settings,
            cluster=cluster,
            egress=egress,
            security_group=network.service_security_group,
            task=task,
            roles=roles,
            load_balancer=self._front,
        )

    def _outputs(self, dashboard: Dashboard) -> None:
        front = self._front
        self.output("LoadBalancerAddress", self.load_balancer.load_balancer_dns_name, "Address of the load balancer")
        secret = self._header_secret.secret_arn
        self.output(ORIGIN_HEADER_OUTPUT, secret, "Secret with the header that the load balancer wants of requests")
        self.output("LoadBalancerArn", self.load_balancer.load_balancer_arn, "The load balancer")
        self.output("ProductionListenerArn", front.production_listener.listener_arn, "Listener of production traffic")
        self.output("TestListenerArn", front.test_listener.listener_arn, "Listener that shows a release before users")
        self.output("BlueTargetGroupArn", front.blue.target_group_arn, "Target group of production at first")
        self.output("GreenTargetGroupArn", front.green.target_group_arn, "Target group of the first release")
        self.output("ClusterName", self.names.cluster, "ECS cluster")
        self.output("ServiceName", self.names.service, "ECS service")
        self.output("TaskFamily", self.names.task_family, "Task definition family")
        self.output("ServiceLogGroup", self.names.service_log_group, "Log group of the service")
        self.output("CodeDeployApplication", self.names.codedeploy_application, "CodeDeploy application")
        self.output("CodeDeployGroup", self.names.codedeploy_group, "CodeDeploy deployment group")
        self.output("DashboardUrl", dashboard.url, "Dashboard in the console")
