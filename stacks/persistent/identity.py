"""IdentityStack: roles, permissions boundaries and execution policies."""

from functools import partial

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.identity.github import GitHubTrust
from constructs_lib.identity.roles import ManagedPolicy, SharedPolicies, TaskedRole
from constructs_lib.stack import HannibalStack
from installation.permissions import roles
from installation.permissions.execution_policies import PIPELINE_POLICIES
from installation.permissions.statements import Arns, StatementsOf
from installation.settings import Settings


class IdentityStack(HannibalStack):
    """GitHub's provider, four roles, three boundaries, and the policies of CloudFormation."""

    lifecycle = "persistent"
    purpose = "GitHub's provider, roles of people and workflows, boundaries, execution policies"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, settings=settings, boundary=settings.names.cicd_boundary)
        self._arns = Arns(
            names=self.names, region=settings.region, account=self.account, hosted_zone=settings.edge.hosted_zone
        )
        self._roles(self._boundaries())
        self._execution_policies()

    def _boundaries(self) -> iam.IManagedPolicy:
        names, running = self.names, "How far the roles that run the system can reach"
        deploying = "How far the CDK's bootstrap roles can reach, CloudFormation's among them"
        # IAM cannot change a description: another one would replace the policy, whose name is taken. CloudFormation's
        # role has the boundary above now.
        others = "How far people, workflows and CloudFormation can reach"
        self._policy("EcsBoundary", names.ecs_boundary, running, roles.ecs_boundary, sids=False)
        self._policy("DeployBoundary", names.deploy_boundary, deploying, roles.deploy_boundary, sids=False)
        return self._policy("CicdBoundary", names.cicd_boundary, others, roles.cicd_boundary, sids=False)

    def _policy(
        self, construct_id: str, name: str, description: str, statements_of: StatementsOf, *, sids: bool = True
    ) -> iam.IManagedPolicy:
        arns, text = self._arns, description
        return ManagedPolicy(
            self, construct_id, name=name, description=text, statements_of=statements_of, arns=arns, sids=sids
        ).policy

    def _roles(self, boundary: iam.IManagedPolicy) -> None:
        github = GitHubTrust(self, "GitHub", settings=self.settings.github)
        shared = SharedPolicies(self, "Shared", names=self.names, arns=self._arns)
        role = partial(TaskedRole, self, shared=shared, arns=self._arns, boundary=boundary)
        environment, hour = self.settings.environment, cdk.Duration.hours(1)
        cicd = role(
            "Cicd",
            name=self.names.cicd_role,
            description="Deploys, destroys and releases, from the branch that deploys",
            trusted=github.environment(environment, "deploy.yml", "destroy.yml", "frontend.yml"),
            tasks=roles.CICD_TASKS,
            # As long as the jobs of these workflows may run.
            session=cdk.Duration.minutes(90),
        )
        drift = role(
            "Drift",
            name=self.names.drift_role,
            description="Compares what is deployed with its templates, and changes nothing",
            trusted=github.environment(environment, "drift.yml"),
            tasks=roles.DRIFT_TASKS,
            session=hour,
        )
        plan = role(
            "Plan",
            name=self.names.plan_role,
            description="Reads how everything stands, for a pull request",
            trusted=github.pull_requests(),
            tasks=roles.PLAN_TASKS,
            session=hour,
        )
        developer = role(
            "Developer",
            name=self.names.developer_role,
            description="A person's daily work: status, logs, releases, shell, audit",
            trusted=iam.AccountRootPrincipal().with_conditions(self._developers()),
            tasks=roles.DEVELOPER_TASKS,
            session=cdk.Duration.hours(8),
        )
        self.output("CicdRoleArn", cicd.role.role_arn, "Role of the deploy, destroy and release workflows")
        self.output("DriftRoleArn", drift.role.role_arn, "Read-only role of the drift workflow")
        self.output("PlanRoleArn", plan.role.role_arn, "Read-only role of pull requests")
        self.output("DeveloperRoleArn", developer.role.role_arn, "Role of a person's daily work")

    def _developers(self) -> dict[str, object]:
        """The condition on the account's principals who may assume the developer role."""
        permission_set = self.settings.developer_permission_set
        if permission_set is None:
            return {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        # Identity Center asks for the second factor itself. Only it creates roles below this path: with its region,
        # except in us-east-1, and 16 digits at the end (decision record 57).
        path, role = "role/aws-reserved/sso.amazonaws.com", f"AWSReservedSSO_{permission_set}_{'?' * 16}"
        arns = self._arns.worldwide("iam", f"{path}/{role}", f"{path}/*/{role}")
        return {"ArnLike": {"aws:PrincipalArn": list(arns)}}

    def _execution_policies(self) -> None:
        arns = [
            self._policy(
                f"Execution{part.subject}",
                self.names.execution_policy(part.subject),
                f"What CloudFormation may do for {part.stack}",
                part.statements,
            ).managed_policy_arn
            for part in PIPELINE_POLICIES
        ]
        self.output("ExecutionPolicyArns", ",".join(arns), "For cdk bootstrap --cloudformation-execution-policies")
