"""An init container: it prepares something for the others of its task, and ends before they start."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.compute.container_logs import log_driver


def add_init_container(
    scope: Construct,
    name: str,
    *,
    definition: ecs.TaskDefinition,
    image: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    log_group: logs.ILogGroup,
    user: str | None = None,
    working_directory: str | None = None,
) -> ecs.ContainerDefinition:
    """Add a container without capabilities on a read-only root file system, whose end does not end the task.

    Args:
        image: an image with what the command needs.
        log_group: where its output goes.
        user: id of its user; the image's own by default.
        working_directory: where it runs; the image's own by default.
    """
    linux = ecs.LinuxParameters(scope, "Linux")
    linux.drop_capabilities(ecs.Capability.ALL)
    return definition.add_container(
        name,
        container_name=name,
        image=ecs.ContainerImage.from_registry(image),
        essential=False,
        command=list(command),
        environment=dict(environment),
        logging=log_driver(log_group),
        user=user,
        working_directory=working_directory,
        privileged=False,
        readonly_root_filesystem=True,
        linux_parameters=linux,
    )
