"""A Lambda function whose code is in the template: one small module of `constructs_lib.handlers`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow
from installation.names import Names

HANDLERS = Path(__file__).parent / "handlers"


class HandlerFunction(Construct):
    """The function of a custom resource or a hook, with a role that has the given permissions and writes its log.

    The code is inline, because only then does the function find the module ``cfnresponse`` (CloudFormation user
    guide, "cfn-response module"); it also needs no asset bucket, and a review of the template shows it.

    Args:
        module: name of the module in `constructs_lib.handlers`, with a function ``handler``.
        description: what it is for, shown in the console.
        permissions: what the function needs besides its log.
        timeout: how long it may run; at most 15 minutes.
        role_name: name of its role.
        name: name of the function; CloudFormation generates one where nothing refers to it by name.
        log_group: its log group; by default that of the pipeline's functions, which ArtifactStack makes.
        vpc: where it runs, with the subnets and the group that decide what it reaches; by default outside of any VPC,
            from where it reaches AWS's services.
        dead_letters: topic that gets asynchronous calls that failed. Not for custom
            resources: their events contain a URL by which any reader could answer CloudFormation.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        module: str,
        description: str,
        permissions: Sequence[iam.PolicyStatement],
        timeout: cdk.Duration,
        role_name: str,
        name: str | None = None,
        log_group: logs.ILogGroup | None = None,
        environment: Mapping[str, str] | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        dead_letters: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._scope, self._timeout = scope, timeout
        text = (HANDLERS / f"{module}.py").read_text(encoding="utf-8")
        # CloudFormation calls such a function as soon as its role is made: it waits for the role's permissions itself.
        if "import cfnresponse" in text:
            text += f"\n\n{(HANDLERS / 'patience.py').read_text(encoding='utf-8')}"
        log_group = log_group or logs.LogGroup.from_log_group_name(self, "Log", names.function_log_group)
        statements = [allow("logs:CreateLogStream logs:PutLogEvents", log_group.log_group_arn)]
        if dead_letters:
            statements.append(allow("sns:Publish", dead_letters.topic_arn))
        # Inline in the role, not in a policy of its own: then the function cannot be called before it has its
        # permissions.
        role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Task": iam.PolicyDocument(statements=[*permissions, *statements])},
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
            code=lambda_.Code.from_inline(text),
            role=role.without_policy_updates(),
            log_group=log_group,
            dead_letter_topic=dead_letters,
            timeout=timeout,
            environment=dict(environment) if environment else None,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
        )

    def custom_resource(
        self, construct_id: str, resource_type: str, properties: Mapping[str, object]
    ) -> cdk.CustomResource:
        """Add a custom resource that the function answers for; CloudFormation waits a minute longer."""
        return cdk.CustomResource(
            self._scope,
            construct_id,
            resource_type=resource_type,
            service_token=self.function.function_arn,
            properties=properties,
            service_timeout=self._timeout.plus(cdk.Duration.minutes(1)),
        )

    def call_regularly(self, construct_id: str, *, name: str, description: str, rate: str) -> events.CfnRule:
        """Add an EventBridge rule that calls the function at a rate such as ``1 day``.

        Not the L2: its targets are a module of their own, which takes time at each synthesis.
        """
        rule = events.CfnRule(
            self._scope,
            construct_id,
            name=name,
            description=description,
            schedule_expression=f"rate({rate})",
            state="ENABLED",
            targets=[events.CfnRule.TargetProperty(id="Function", arn=self.function.function_arn)],
        )
        caller = iam.ServicePrincipal("events.amazonaws.com")
        self.function.add_permission(construct_id, principal=caller, source_arn=rule.attr_arn)
        return rule
