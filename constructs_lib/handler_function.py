"""A Lambda function whose code stands in the template: one small module of `constructs_lib.handlers`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from installation.names import Names

HANDLERS = Path(__file__).parent / "handlers"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where in a VPC a function runs."""

    vpc: ec2.IVpc  # the VPC
    subnets: ec2.SubnetSelection  # its subnets there
    security_group: ec2.ISecurityGroup  # what it reaches


def functions_log(scope: Construct, names: Names) -> logs.ILogGroup:
    """The log group of the pipeline's functions, which ArtifactStack makes; by its name."""
    return logs.LogGroup.from_log_group_name(scope, "Log", names.function_log_group)


class HandlerFunction(Construct):
    """The function behind a custom resource or a hook, with a role that may do what is given here and write its log.

    The code is inline, because only then does the function find the module ``cfnresponse`` (CloudFormation user
    guide, "cfn-response module"); it also needs no asset bucket, and a review of the template shows it.

    Args:
        module: name of the module in `constructs_lib.handlers`, with a function ``handler``; at most 4,096 bytes.
        description: what it is for, shown in the console.
        permissions: what the function needs besides its log.
        timeout: until when it must have answered; at most 15 minutes.
        log_group: where it writes, in a stack that outlives the month.
        name: name of the function; given by CloudFormation where nobody needs to know it.
        placement: where in a VPC it runs; None for outside, from where it reaches AWS's services.
        role_name: name of its role.
        dead_letters: topic that is told of a call that failed and whose caller waits for no answer. Not for custom
            resources: their calls carry an address at which whoever reads it may answer CloudFormation for them.
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
        log_group: logs.ILogGroup,
        role_name: str,
        name: str | None = None,
        environment: Mapping[str, str] | None = None,
        placement: Placement | None = None,
        dead_letters: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        own = [
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
            )
        ]
        if dead_letters:
            own.append(iam.PolicyStatement(actions=["sns:Publish"], resources=[dead_letters.topic_arn]))
        # Inline in the role, not in a policy of its own: then the function cannot be called before it may act.
        role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Task": iam.PolicyDocument(statements=[*permissions, *own])},
        )
        if not cdk.Token.is_unresolved(log_group.log_group_name):
            lines = f"logs:log-group:{log_group.log_group_name}:*"
            acknowledge_wildcards(role, {lines: "Streams and lines of this one group."})
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
            dead_letter_topic=dead_letters,
            timeout=timeout,
            environment=dict(environment) if environment else None,
            vpc=placement.vpc if placement else None,
            vpc_subnets=placement.subnets if placement else None,
            security_groups=[placement.security_group] if placement else None,
        )
