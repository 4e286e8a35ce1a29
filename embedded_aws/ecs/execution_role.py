"""Checks the task's execution role before the containers run: for secrets, images of ECR, and log streams.

Source: Amazon ECS developer guide, "Stopped tasks error messages", ResourceInitializationError and
CannotPullContainerError; IAM user guide, "Troubleshoot access denied error messages".
"""

from dataclasses import dataclass

from ministack.services import tagging

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import ContainerRequest, StartError
from embedded_aws.ecs.images import CannotPullError, is_own, split
from embedded_aws.iam import emulator as iam
from embedded_aws.secretsmanager.emulator import secrets

_ONCE = "service call has been retried 1 time(s): "


class RoleDeniedError(Exception):
    """The role lacks a permission that the task needs before it starts; the message is the agent's."""


@dataclass(kw_only=True)
class ExecutionRole:
    """The role that ECS assumes to start a task."""

    arn: str  # of the role
    task_arn: str  # the task, whose id is the session name

    def __post_init__(self) -> None:
        self.account, self.region = self.arn.split(":")[4], self.task_arn.split(":")[3]
        self.name = self.arn.rpartition("/")[2]

    def arn_of(self, service: str, resource: str) -> str:
        """The ARN of a resource in the task's account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def secret_arn(self, given: str) -> str:
        """The full ARN of a secret, which IAM compares: a definition may omit its last seven characters."""
        known = (str(secret["ARN"]) for _, secret in secrets.items_scoped(self.account, self.region))
        return next((arn for arn in known if given in (arn, arn[:-7])), given)

    def denial(self, action: str, resource: str) -> str:
        """IAM's error message for a call by the role; empty if the call is allowed."""
        caller = f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{self.task_arn.rpartition('/')[2]}"
        tags = tagging.resource_tags(resource) or {} if resource != "*" else {}
        decision, unbounded = iam.decide(caller, action, resource, region=self.region, tags=tags)
        if decision == "Allow":
            return ""
        if decision == "Deny":
            reason = "with an explicit deny in an identity-based policy"
        elif unbounded == "Allow":
            reason = f"because no permissions boundary allows the {action} action"
        else:
            reason = f"because no identity-based policy allows the {action} action"
        return (
            f"AccessDeniedException: User: {caller} is not authorized to perform: {action} on resource: {resource} "
            f"{reason}"
        )

    def require_known(self) -> None:
        """Refuse a role that ECS cannot assume. Raises RoleDeniedError: there is no such role."""
        if iam.roles.get_scoped(self.account, None, self.name) is None:
            raise RoleDeniedError(
                f"ECS was unable to assume the role '{self.arn}' that was provided for this task. Please verify that "
                "the role being passed has the proper trust relationship and permissions and that your IAM user has "
                "permissions to pass this role."
            )


def check_retrieval(task_arn: str, definition: emulator.Record) -> None:
    """Check the calls for ECR's token and the secrets, before any container. Raises RoleDeniedError: one is denied."""
    role = _role(task_arn, definition)
    if role is None:
        return
    role.require_known()
    containers = definition["containerDefinitions"]
    if any(is_own(container["image"]) for container in containers) and (
        denial := role.denial("ecr:GetAuthorizationToken", "*")
    ):
        raise RoleDeniedError(f"unable to retrieve ecr registry auth: {_ONCE}{denial}")
    for secret in (each["valueFrom"] for container in containers for each in container.get("secrets") or []):
        if "secretsmanager" in secret:
            arn = role.secret_arn(":".join(secret.split(":")[:7]))
            if denial := role.denial("secretsmanager:GetSecretValue", arn):
                raise RoleDeniedError(
                    f"unable to retrieve secret from asm: {_ONCE}failed to fetch secret {arn} from secrets manager: "
                    f"{denial}"
                )
            continue
        arn = secret if secret.startswith("arn:") else role.arn_of("ssm", f"parameter/{secret.lstrip('/')}")
        if denial := role.denial("ssm:GetParameters", arn):
            raise RoleDeniedError(f"unable to retrieve secrets from ssm: {_ONCE}{denial}")


def check_pull(request: ContainerRequest) -> None:
    """Check that the task's execution role may pull an image of ECR. Raises CannotPullError: it lacks a permission."""
    image, role = str(request.container["image"]), _role(request.task_arn, request.definition)
    if role is None or not is_own(image):
        return
    name, tag, digest = split(image)
    host, _, repository = name.partition("/")
    arn = role.arn_of("ecr", f"repository/{repository}")
    if role.denial("ecr:BatchGetImage", arn):
        raise CannotPullError(
            f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: pulling from host {host} "
            f"failed with status code [manifests {digest or tag or 'latest'}]: 403 Forbidden"
        )
    if role.denial("ecr:GetDownloadUrlForLayer", arn):
        raise CannotPullError(
            "ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code "
            f"https://{host}/v2/{repository}/blobs: 403 Forbidden"
        )


def check_log(request: ContainerRequest) -> None:
    """Check that a container's log stream can be made. Raises StartError: it is denied, or the group is missing."""
    configuration = request.container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return
    options = configuration.get("options") or {}
    group, makes_group = options.get("awslogs-group"), str(options.get("awslogs-create-group")).lower() == "true"
    stream = f"{options.get('awslogs-stream-prefix')}/{request.name}/{request.task_arn.rpartition('/')[2]}"
    reason = ""
    if role := _role(request.task_arn, request.definition):
        arn = role.arn_of("logs", f"log-group:{group}:log-stream:{stream}")
        reason = role.denial("logs:CreateLogStream", arn)
    if not reason and not makes_group and group not in cloudwatch.log_groups:
        reason = "ResourceNotFoundException: The specified log group does not exist."
    if reason:
        raise StartError(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            f"failed to create Cloudwatch log stream: {reason} : exit status 1"
        )


def _role(task_arn: str, definition: emulator.Record) -> ExecutionRole | None:
    arn = definition.get("executionRoleArn")
    return ExecutionRole(arn=arn, task_arn=task_arn) if arn else None
