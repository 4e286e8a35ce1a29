"""Where a container's output goes: a task whose log group is missing does not start."""

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import StartError


def require_log_group(container: emulator.Record) -> None:
    """Look for the log group that a container's definition names.

    Raises:
        StartError: there is none, and the driver is not to make it (Amazon ECS developer guide, "Stopped tasks error
            messages", ResourceInitializationError).
    """
    configuration = container.get("logConfiguration") or {}
    options = configuration.get("options") or {}
    if configuration.get("logDriver") != "awslogs" or str(options.get("awslogs-create-group")).lower() == "true":
        return
    if options.get("awslogs-group") not in cloudwatch.log_groups:
        raise StartError(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not "
            "exist. : exit status 1"
        )
