"""The VPC with its three tiers, its way to S3 and the record of its traffic."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.arns import of_this_account
from constructs_lib.log_group import LogGroup
from installation.settings import Settings

PUBLIC_TIER = "public"
APP_TIER = "app"
DATA_TIER = "data"

# Addresses are reserved for as many zones as settings allow, so that a zone can be added without moving a subnet.
MOST_ZONES = 3


class Network(Construct):
    """A VPC whose subnets outlive the months, with flow logs and a gateway endpoint for S3.

    There is no NAT gateway, and the tiers ``app`` and ``data`` have no default route: egress exists only during a
    month, so ComputeStack adds it to ``app`` where settings ask for it. ``data`` never gets a default route.

    The VPC's default security group keeps the rules that EC2 gives it: its members reach one another, and nothing
    reaches them from outside. CloudFormation cannot remove its rules, and the CDK's way is a Lambda function that
    may revoke rules of security groups. A function with that permission is a greater risk than a group that
    no resource uses; the stack prints the group's id for an operator who wants to remove its rules by hand.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        zones = list(settings.network.availability_zones)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            vpc_name=settings.project,
            ip_addresses=ec2.IpAddresses.cidr(settings.network.cidr),
            availability_zones=zones,
            reserved_azs=MOST_ZONES - len(zones),
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                # A resource that needs a public address asks for it; a subnet that gives every resource one hides
                # mistakes.
                ec2.SubnetConfiguration(
                    name=PUBLIC_TIER, subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name=APP_TIER, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                ec2.SubnetConfiguration(name=DATA_TIER, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
        )
        for subnet in (*self.vpc.public_subnets, *self.vpc.isolated_subnets):
            # Settings name the zone on purpose, because it decides where data is stored (cfn-lint, W3010).
            if isinstance(resource := subnet.node.default_child, cdk.CfnResource):
                resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3010"]}})
        # Free, and keeps image layers off a NAT gateway, which costs money per GB.
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self._flow_logs(settings)

    def _flow_logs(self, settings: Settings) -> None:
        name, days = settings.names.flow_log_group, settings.network.flow_log_retention_days
        log_group = LogGroup(self, "FlowLogs", name=name, days=days, removal=cdk.RemovalPolicy.DESTROY)
        # Without a fixed name: another role would replace the flow log, and EC2 accepts no second flow log of the same
        # VPC and log group beside the first (EC2 API reference, FlowLogAlreadyExists).
        role = iam.Role(self, "FlowLogsRole", assumed_by=of_this_account(self, "vpc-flow-logs.amazonaws.com"))
        destination = ec2.FlowLogDestination.to_cloud_watch_logs(log_group, role)
        self.vpc.add_flow_log("FlowLog", destination=destination, traffic_type=ec2.FlowLogTrafficType.ALL)
