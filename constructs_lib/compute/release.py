"""Releases: the CodeDeploy application and its one deployment group."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, arn_of, of_this_account
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.roles import TaskRoles
from constructs_lib.compute.service import ApiService
from installation.names import Names

# How long the old tasks stay after all traffic has left them, so that a late alarm can still roll back.
TERMINATION_WAIT = cdk.Duration.minutes(1)


class Releases(Construct):
    """What CodeDeploy needs to release an image: blue/green between two target groups, with rollback.

    The group's configuration moves all traffic at once. A release that wants a canary names another configuration when
    it starts, so the infrastructure is the same for both.

    Args:
        service: the service that is released into. CodeDeploy passes its task's roles on to new tasks.
        alarms: all alarms that end a release; a later addition would drop those before it (aws-cdk #36308).
        hook: function that a release may name as its verification; None where settings want none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: ApiService,
        load_balancer: LoadBalancer,
        alarms: Sequence[cloudwatch.IAlarm],
        hook: lambda_.IFunction | None,
    ) -> None:
        super().__init__(scope, construct_id)
        role = self._role(names, service.roles, load_balancer)
        if hook is not None:
            role.add_to_policy(allow("lambda:InvokeFunction", hook.function_arn, sid="Verify"))
        self.application = codedeploy.EcsApplication(self, "Application", application_name=names.codedeploy_application)
        self.group = codedeploy.EcsDeploymentGroup(
            self,
            "Group",
            application=self.application,
            deployment_group_name=names.codedeploy_group,
            deployment_config=codedeploy.EcsDeploymentConfig.ALL_AT_ONCE,
            service=service.service,
            # CDK would add AWSCodeDeployRoleForECS: any service, listener and role of the account.
            role=role.without_policy_updates(),
            blue_green_deployment_config=codedeploy.EcsBlueGreenDeploymentConfig(
                blue_target_group=load_balancer.blue,
                green_target_group=load_balancer.green,
                listener=load_balancer.production_listener,
                test_listener=load_balancer.test_listener,
                termination_wait_time=TERMINATION_WAIT,
            ),
            alarms=list(alarms),
            ignore_poll_alarms_failure=False,
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
        )
        # Its permissions are created before the group and deleted after it.
        self.group.node.add_dependency(role)

    def _role(self, names: Names, roles: TaskRoles, load_balancer: LoadBalancer) -> iam.Role:
        """CodeDeploy's role: what AWSCodeDeployRoleForECSLimited allows, for this service and these listeners only.

        Left out: buckets (a release carries its AppSpec with it) and topics.
        """
        role = iam.Role(
            self,
            "Role",
            role_name=names.codedeploy_role,
            description="Carries out releases of the API",
            assumed_by=of_this_account(self, "codedeploy.amazonaws.com"),
        )
        listeners = [load_balancer.production_listener.listener_arn, load_balancer.test_listener.listener_arn]
        rule, service = load_balancer.forwarding_rule.listener_rule_arn, f"{names.cluster}/{names.service}"
        for statement in (
            allow(
                # These have no resource, except alarms; the form of their ARN that CodeDeploy asks for is not
                # documented.
                "cloudwatch:DescribeAlarms elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules "
                "elasticloadbalancing:DescribeTargetGroups",
                "*",
                sid="Look",
            ),
            allow("elasticloadbalancing:ModifyListener", *listeners, sid="Shift"),
            allow("elasticloadbalancing:ModifyRule", rule, sid="ShiftRule"),
            allow(
                "ecs:CreateTaskSet ecs:DeleteTaskSet ecs:DescribeServices ecs:UpdateServicePrimaryTaskSet",
                *(arn_of(self, "ecs", "service", service), arn_of(self, "ecs", "task-set", f"{service}/*")),
                sid="Replace",
            ),
            allow(
                "iam:PassRole",
                *(roles.task.role_arn, roles.execution.role_arn),
                sid="PassTaskRoles",
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ):
            role.add_to_policy(statement)
        acknowledge_wildcards(
            role,
            {
                "*": "Looking at alarms, listeners, rules and target groups knows no resource or is documented for "
                "none; nothing can be changed by it.",
                f"ecs:task-set/{service}/*": "Task sets of this one service; their ids are given by ECS.",
            },
        )
        return role
