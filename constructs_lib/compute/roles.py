"""The two roles of a task: what the API may do, and what starting the task needs."""

from collections.abc import Iterable

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, colon_arn, of_this_account
from constructs_lib.compute.variables import SecretReference, reading
from installation.names import Names


class TaskRoles(Construct):
    """Task role and execution role; the stack gives both its permissions boundary.

    The API itself calls no AWS service, so its role is empty until ECS Exec adds what a session needs. Public images
    need no permission, and images of the project come from its own repository.

    Args:
        names: the installation's names; the roles' are fixed, so that passing them can be allowed by name.
        secrets: the injected secrets; the execution role reads these and no others.
        at_once: write the permissions into the roles, so that the service waits for no policy (decision record 47).
        shells: whether people open shells in tasks; where policies are separate, the CDK adds what that needs.
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
        at_once: bool = False,
        shells: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        tasks = of_this_account(self, "ecs-tasks.amazonaws.com")
        task = iam.Role(
            self,
            "Task",
            role_name=names.task_role,
            description="What the API may do in AWS",
            assumed_by=tasks,
            inline_policies={"Shells": _shells(self, names)} if at_once and shells else None,
        )
        execution = iam.Role(
            self,
            "Execution",
            role_name=names.execution_role,
            description="Starts tasks: image, log and secrets",
            assumed_by=tasks,
            inline_policies={"Start": _starting(repository, log_group, secrets)} if at_once else None,
        )
        # They already have what the CDK would add for containers.
        self.task: iam.IRole = task.without_policy_updates() if at_once else task
        self.execution: iam.IRole = execution.without_policy_updates() if at_once else execution
        if not at_once:
            repository.grant_pull(execution)
            log_group.grant_write(execution)
            for statement in reading(secrets):
                execution.add_to_policy(statement)
        reason = (
            "ecr:GetAuthorizationToken knows no resource (service authorization reference, Amazon ECR); pulling is "
            "allowed from the project's repository only."
        )
        acknowledge_wildcards(execution, {"*": reason})


def _starting(
    repository: ecr.IRepository, log_group: logs.ILogGroup, secrets: Iterable[SecretReference]
) -> iam.PolicyDocument:
    """The permissions for starting a task, as the CDK's grants have them."""
    pull = "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer"
    return iam.PolicyDocument(
        statements=[
            allow(pull, repository.repository_arn),
            allow("ecr:GetAuthorizationToken", "*"),
            allow("logs:CreateLogStream logs:PutLogEvents", log_group.log_group_arn),
            *reading(secrets),
        ]
    )


def _shells(scope: Construct, names: Names) -> iam.PolicyDocument:
    """The permissions for a session of ECS Exec and its log (ECS developer guide, "ECS Exec")."""
    channels = [f"ssmmessages:{verb}{kind}Channel" for verb in ("Create", "Open") for kind in ("Control", "Data")]
    streams = colon_arn(scope, "logs", "log-group", f"{names.service_log_group}:*")
    return iam.PolicyDocument(
        statements=[
            allow(" ".join(["logs:DescribeLogGroups", *channels]), "*"),
            allow("logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents", streams),
        ]
    )
