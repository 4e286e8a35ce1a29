"""A function inside the VPC that can ask the load balancer's test listener."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, arn_of
from constructs_lib.handler_function import HandlerFunction
from constructs_lib.network.network import APP_TIER
from installation.names import Names


class ReleaseProbe(Construct):
    """Sends requests to the test listener for its caller, because from outside the VPC only allowed ranges reach it.

    It belongs to the network and not to the month: Lambda deletes the interface of a deleted function up to
    twenty minutes later, with the function's own role, and a month's end would have deleted the role by then (Lambda
    developer guide, "Giving Lambda functions access to resources in an Amazon VPC"). It costs nothing while nobody
    calls it, and needs neither a NAT gateway nor an endpoint: it calls no AWS service.

    Args:
        security_group: its group, which reaches the load balancer's test port and nothing else.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, vpc: ec2.IVpc, security_group: ec2.ISecurityGroup
    ) -> None:
        super().__init__(scope, construct_id)
        looking = allow("ec2:DescribeNetworkInterfaces ec2:DescribeSubnets", "*", sid="SeeInterfaces")
        # All resource types, because Lambda asks for more than interfaces (Lambda developer guide, "Giving Lambda
        # functions access to resources in an Amazon VPC", required permissions).
        interfaces = allow(
            "ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
            "ec2:UnassignPrivateIpAddresses",
            arn_of(self, "ec2", "*", "*"),
            sid="Interface",
        )
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="probe_address",
            name=names.probe_function,
            role_name=names.probe_role,
            description="Asks the test listener from inside the VPC",
            permissions=[looking, interfaces],
            # Longer than one request may take by the settings, which allow 20 seconds.
            timeout=cdk.Duration.seconds(30),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name=APP_TIER),
            security_groups=[security_group],
        )
        reason = (
            "What Lambda itself needs to put a function into a VPC (managed policy AWSLambdaVPCAccessExecutionRole). "
            "The function's own code cannot use it: it reaches the test listener and no AWS service."
        )
        acknowledge_wildcards(handler, {"*": reason, "ec2:*/*": reason})
        self.function = handler.function
