"""The ECS cluster."""

from typing import Literal

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from installation.settings import Settings

_INSIGHTS = {
    "disabled": ecs.ContainerInsights.DISABLED,
    "enabled": ecs.ContainerInsights.ENABLED,
    "enhanced": ecs.ContainerInsights.ENHANCED,
}
_PROVIDERS: dict[Literal["on_demand", "spot"], str] = {"on_demand": "FARGATE", "spot": "FARGATE_SPOT"}


class Cluster(Construct):
    """A cluster that runs everything on Fargate.

    Args:
        settings: insights, capacity, and whether shells may be opened in tasks. Sessions of ECS Exec are recorded in
            the service's log group, which outlives the month.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        names, service = settings.names, settings.service
        self.capacity = ecs.CapacityProviderStrategy(capacity_provider=_PROVIDERS[service.capacity], weight=1)
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=names.cluster,
            vpc=vpc,
            container_insights_v2=_INSIGHTS[service.container_insights],
            enable_fargate_capacity_providers=True,
            execute_command_configuration=self._exec_logging(names.service_log_group)
            if service.execute_command
            else None,
        )
        # Releases read it here: a deployment must name its capacity, and a deployment that does not loses the service's
        # own strategy (aws/containers-roadmap #1752).
        self.cluster.add_default_capacity_provider_strategy([self.capacity])
        if service.container_insights == "disabled":
            acknowledge(
                self.cluster,
                {
                    "AwsSolutions-ECS4": "Off by setting: the alarms and the dashboard need the service's own CPU and "
                    "memory metrics only, and those are free."
                },
            )

    def _exec_logging(self, log_group_name: str) -> ecs.ExecuteCommandConfiguration:
        # By name, so that the policy that CDK derives from it is readable.
        return ecs.ExecuteCommandConfiguration(
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
            log_configuration=ecs.ExecuteCommandLogConfiguration(
                cloud_watch_log_group=logs.LogGroup.from_log_group_name(self, "Sessions", log_group_name)
            ),
        )
