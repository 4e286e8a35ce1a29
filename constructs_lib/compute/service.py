"""The ECS cluster and service, and how tasks reach the internet during a month."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge, acknowledge_wildcards
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.task import ApiTask
from constructs_lib.network.network import APP_TIER, PUBLIC_TIER
from installation.settings import Settings

_PROVIDERS: dict[Literal["on_demand", "spot"], str] = {"on_demand": "FARGATE", "spot": "FARGATE_SPOT"}


class Egress(Construct):
    """The subnets of tasks, and their way to the internet.

    With ``public_ip`` tasks are in public subnets with an address of their own; the service's security group lets
    only the load balancer in. With ``nat_gateway`` they are in the app tier, and its default routes lead to
    one NAT gateway. All of it is deleted with the month, so the routes are made here: the VPC construct's own NAT
    support would put them into the stack that outlives it.

    Whatever needs the internet depends on this construct.

    Args:
        settings: ``network.egress``; NAT gateway and address have the project's name in the console.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self.assign_public_ip = settings.network.egress == "public_ip"
        tier = PUBLIC_TIER if self.assign_public_ip else APP_TIER
        self.subnets = ec2.SubnetSelection(subnet_group_name=tier)
        if not self.assign_public_ip:
            self._nat_gateway(vpc, settings.project)

    def _nat_gateway(self, vpc: ec2.IVpc, name: str) -> None:
        tags = [{"key": "Name", "value": name}]
        address = ec2.CfnEIP(self, "Address", domain="vpc", tags=tags)
        # One gateway, not one per zone: a second costs 45 USD a month, and when its zone fails running tasks still
        # serve and still reach the database; only calls to the internet fail.
        gateway = ec2.CfnNatGateway(
            self,
            "NatGateway",
            subnet_id=vpc.select_subnets(subnet_group_name=PUBLIC_TIER).subnets[0].subnet_id,
            allocation_id=address.attr_allocation_id,
            connectivity_type="public",
            tags=tags,
        )
        for number, subnet in enumerate(vpc.select_subnets(subnet_group_name=APP_TIER).subnets, start=1):
            ec2.CfnRoute(
                self,
                f"DefaultRoute{number}",
                route_table_id=subnet.route_table.route_table_id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.attr_nat_gateway_id,
            )


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
            container_insights_v2=ecs.ContainerInsights[service.container_insights.upper()],
            enable_fargate_capacity_providers=True,
            execute_command_configuration=self._exec_logging(names.service_log_group)
            if service.execute_command
            else None,
        )
        # Releases read it here: a deployment must name its capacity, and a deployment that does not loses the service's
        # own strategy (aws/containers-roadmap #1752).
        self.cluster.add_default_capacity_provider_strategy([self.capacity])
        if service.container_insights == "disabled":
            reason = (
                "Off by setting: the alarms and the dashboard need the service's own CPU and memory metrics only, and "
                "those are free."
            )
            acknowledge(self.cluster, {"AwsSolutions-ECS4": reason})

    def _exec_logging(self, log_group_name: str) -> ecs.ExecuteCommandConfiguration:
        # By name, so that the policy that CDK derives from it is readable.
        group = logs.LogGroup.from_log_group_name(self, "Sessions", log_group_name)
        return ecs.ExecuteCommandConfiguration(
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
            log_configuration=ecs.ExecuteCommandLogConfiguration(cloud_watch_log_group=group),
        )


class ApiService(Construct):
    """The service of the API, which CodeDeploy releases into.

    It is created once per month. With this controller CloudFormation can change neither its task definition nor its
    load balancers, and a change of the desired count has failed as well (aws-cdk #36012), so nothing here may depend on
    what changes with a release. It has no circuit breaker: ECS takes one for its own rolling deployments only.

    Args:
        egress: its subnets, and the internet access that tasks need before they can pull an image.
        task: its task definition. The policies of the roles must exist before the first task starts.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        cluster: Cluster,
        egress: Egress,
        security_group: ec2.ISecurityGroup,
        task: ApiTask,
        load_balancer: LoadBalancer,
    ) -> None:
        super().__init__(scope, construct_id)
        self.roles = task.roles
        names, service = settings.names, settings.service
        self.service = ecs.FargateService(
            self,
            "Service",
            service_name=names.service,
            cluster=cluster.cluster,
            task_definition=task.definition,
            deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.CODE_DEPLOY),
            desired_count=service.desired_count,
            min_healthy_percent=100,
            max_healthy_percent=200,
            # CodeDeploy would count a task that ECS moves between zones in the middle of a release.
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.DISABLED,
            capacity_provider_strategies=[cluster.capacity],
            platform_version=ecs.FargatePlatformVersion.LATEST,
            vpc_subnets=egress.subnets,
            assign_public_ip=egress.assign_public_ip,
            security_groups=[security_group],
            health_check_grace_period=cdk.Duration.seconds(service.start_grace_seconds),
            enable_execute_command=service.execute_command,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        target = self.service.load_balancer_target(container_name=names.container, container_port=service.port)
        load_balancer.blue.add_target(target)
        # ECS refuses a service whose target group no listener forwards to; and a cluster gives up a kind of capacity
        # only when no service uses it (aws-cdk #19275).
        self.service.node.add_dependency(cluster, egress, load_balancer, task.roles)
        if service.execute_command:
            self._acknowledge_shells(task, names.service_log_group)

    def _acknowledge_shells(self, task: ApiTask, log_group_name: str) -> None:
        acknowledge_wildcards(
            task.roles,
            {
                "*": "The channels of ECS Exec and logs:DescribeLogGroups know no resource (service authorization "
                "reference, Session Manager Message Gateway and CloudWatch Logs).",
                f"logs:log-group:{log_group_name}:*": "Streams of the one log group that sessions are recorded in; "
                "each session names its own.",
            },
        )
