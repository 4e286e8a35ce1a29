"""A Lambda function whose code stands in the template: one small module of `constructs_lib.handlers`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

HANDLERS = Path(__file__).parent / "handlers"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where in a VPC a function runs.

    Attributes:
        vpc: the VPC.
        subnets: its subnets there.
        security_group: what it reaches.
    """

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup


class HandlerFunction(Construct):
    """The function behind a custom resource or a hook, with a role that may do what is given here and write its log.

    The code is inline, because only then does the function find the module ``cfnresponse`` (CloudFormation user
    guide, "cfn-response module"); it also needs no asset bucket, and a review of the template shows it.

    Args:
        scope: where the function belongs.
        construct_id: its id there.
        module: name of the module in `constructs_lib.handlers`, with a function ``handler``; at most 4,096 bytes.
        description: what it is for, shown in the console.
        permissions: what the function needs besides its log.
        timeout: until when it must have answered; at most 15 minutes.
        name: name of the function; given by CloudFormation where nobody needs to know it.
        environment: variables that it reads.
        placement: where in a VPC it runs; None for outside, from where it reaches AWS's services.
        role_name: name of its role; given by CloudFormation where no policy names it.
        log_group_name: name of its log group; given by CloudFormation where no policy names it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        description: str,
        permissions: Sequence[iam.PolicyStatement],
        timeout: cdk.Duration,
        name: str | None = None,
        environment: Mapping[str, str] | None = None,
        placement: Placement | None = None,
        role_name: str | None = None,
        log_group_name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=log_group_name,
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        write_log = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
        )
        # Inline in the role, not in a policy of its own: then the function cannot be called before it may act.
        role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Task": iam.PolicyDocument(statements=[*permissions, write_log])},
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="index.handler",
            code=lambda_.Code.from_inline((HANDLERS / f"{module}.py").read_text(encoding="utf-8")),
            role=role.without_policy_updates(),
            log_group=log_group,
            timeout=timeout,
            environment=dict(environment) if environment else None,
            vpc=placement.vpc if placement else None,
            vpc_subnets=placement.subnets if placement else None,
            security_groups=[placement.security_group] if placement else None,
        )
