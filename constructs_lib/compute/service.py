"""The ECS service."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.compute.cluster import Cluster
from constructs_lib.compute.egress import Egress
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.task import ApiTask
from installation.settings import Settings


class ApiService(Construct):
    """The service of the API, which CodeDeploy releases into.

    It is created once per month. With this controller CloudFormation can change neither its task definition nor its
    load balancers, and a change of the desired count has failed as well (aws-cdk #36012), so nothing here may depend on
    what changes with a release. It has no circuit breaker: ECS takes one for its own rolling deployments only.

    Args:
        settings: count, capacity and grace.
        egress: its subnets, and the internet access that tasks need before they can pull an image.
        task: its task definition. The policies of the roles must exist before the first task starts.
        load_balancer: the load balancer in front of it.
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
