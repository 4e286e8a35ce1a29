"""Containers of the task: their logs, their secrets, and the containers beside the API's."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from constructs_lib.compute.variables import SecretReference

# Bytes of lines that may wait for CloudWatch Logs before the oldest are lost.
_BUFFER = cdk.Size.mebibytes(4)


def log_driver(log_group: logs.ILogGroup) -> ecs.LogDriver:
    """Logs to a log group, one stream per container and task; losing lines is better than blocking the service."""
    return ecs.LogDrivers.aws_logs(
        stream_prefix="ecs", log_group=log_group, mode=ecs.AwsLogDriverMode.NON_BLOCKING, max_buffer_size=_BUFFER
    )


def add_container(
    definition: ecs.TaskDefinition,
    name: str,
    *,
    image: str,
    command: Sequence[str] | None,
    environment: Mapping[str, str],
    log_group: logs.ILogGroup,
    essential: bool,
    user: str | None = None,
    memory_mib: int | None = None,
    working_directory: str | None = None,
    read_only_root: bool = True,
    reaps: bool = False,
) -> ecs.ContainerDefinition:
    """Add a container without capabilities beside the API's.

    Args:
        command: its words; the image's own command where there are none.
        essential: whether its end ends the task.
        user: id of its user; the image's own by default.
        memory_mib: most MiB of the task's memory that it may use; by default as much as is left.
        working_directory: the image's own by default.
        reaps: whether an init process reaps ended child processes.
    """
    linux = ecs.LinuxParameters(definition, f"Linux-{name}", init_process_enabled=True if reaps else None)
    linux.drop_capabilities(ecs.Capability.ALL)
    return definition.add_container(
        name,
        container_name=name,
        image=ecs.ContainerImage.from_registry(image),
        essential=essential,
        command=list(command) if command else None,
        environment=dict(environment),
        logging=log_driver(log_group),
        user=user,
        memory_limit_mib=memory_mib,
        working_directory=working_directory,
        privileged=False,
        readonly_root_filesystem=read_only_root,
        linux_parameters=linux,
    )


def start_after(container: ecs.ContainerDefinition, other: ecs.ContainerDefinition) -> None:
    """Let a container start when another one has ended with success."""
    container.add_container_dependencies(
        ecs.ContainerDependency(container=other, condition=ecs.ContainerDependencyCondition.SUCCESS)
    )


def inject(container: ecs.ContainerDefinition, references: Mapping[str, SecretReference]) -> None:
    """Give a container its secret variables.

    By the names of the template: CDK's own way loads another module for each kind of secret, which takes a tenth
    of a second of every synthesis, and grants more than reading.

    Args:
        references: the secrets, by the variable's name.
    """
    if not references:
        return
    definition = container.task_definition.node
    resource = definition.default_child
    assert isinstance(resource, ecs.CfnTaskDefinition)  # noqa: S101 - tells mypy what the L2 made
    names = [child.container_name for child in definition.children if isinstance(child, ecs.ContainerDefinition)]
    place = names.index(container.container_name)
    resource.add_property_override(
        f"ContainerDefinitions.{place}.Secrets",
        [{"Name": name, "ValueFrom": reference.value_from} for name, reference in references.items()],
    )
