"""The two roles of a task: what the API may do, and what starting it needs."""

from collections.abc import Iterable

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.compute.variables import SecretReference, reading
from constructs_lib.service_principal import of_this_account
from installation.names import Names


class TaskRoles(Construct):
    """Task role and execution role; the stack bounds both.

    The API itself calls no AWS service, so its role is empty until ECS Exec adds what a session needs. Public images
    need no permission, and images of the project come from its own repository.

    Args:
        scope: the ephemeral stack that they live in.
        construct_id: their id there.
        names: the installation's names; the roles' are fixed, so that passing them can be allowed by name.
        repository: where released images are pulled from.
        log_group: where the containers' output goes.
        secrets: what is injected; the execution role reads these and no others.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        repository: ecr.IRepository,
        log_group: logs.ILogGroup,
        secrets: Iterable[SecretReference],
    ) -> None:
        super().__init__(scope, construct_id)
        tasks = of_this_account(self, "ecs-tasks.amazonaws.com")
        self.task = iam.Role(
            self, "Task", role_name=names.task_role, description="What the API may do in AWS", assumed_by=tasks
        )
        self.execution = iam.Role(
            self,
            "Execution",
            role_name=names.execution_role,
            description="Starts tasks: image, log and secrets",
            assumed_by=tasks,
        )
        repository.grant_pull(self.execution)
        log_group.grant_write(self.execution)
        for statement in reading(secrets):
            self.execution.add_to_policy(statement)
        acknowledge(
            self.execution,
            {
                "AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resource (service authorization "
                "reference, Amazon ECR); pulling is allowed from the project's repository only."
            },
        )
