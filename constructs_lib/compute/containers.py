"""Containers of the task: their logs, their secrets, and the containers beside the API's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from constructs_lib.compute.variables import SecretReference
from installation import names
from installation.aws_facts.rds_certificates import certificates_of

# Bytes of lines that may wait for CloudWatch Logs before the oldest are lost.
_BUFFER = cdk.Size.mebibytes(4)
_VOLUME = names.CERTIFICATES_CONTAINER
# The shell alone writes the certificates, into its working directory: the image needs nothing else.
_WRITE = f"printf '%s\\n' \"${names.CERTIFICATES_VARIABLE}\" > {names.CERTIFICATES_FILE.rpartition('/')[2]}"
CERTIFICATES_COMMAND = ("sh", "-c", _WRITE)
# One session at a time, because tasks start beside each other; safe to run again. Grants only what belongs to the
# master user: views of extensions are RDS's own. Tables that migrations make later are covered by the default
# privileges of the master user, who runs them.
SCRIPT = Path(__file__).with_name("database_user.sql").read_text(encoding="utf-8").strip()
# The service's password is in the environment. The master user's stands among psql's arguments, which only processes
# of this container can see: containers of a Fargate task have process lists of their own.
DATABASE_USER_COMMAND = (
    "sh",
    "-c",
    'printf \'%s\\n\' "$SCRIPT" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null "$DATABASE_URL"',
)


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
    """Give a container its secret variables, by their names.

    By the names of the template: CDK's own way loads another module for each kind of secret, which takes a tenth
    of a second of every synthesis, and grants more than reading.
    """
    if not references:
        return
    definition = container.task_definition.node
    resource = definition.default_child
    assert isinstance(resource, ecs.CfnTaskDefinition)  # noqa: S101 - tells mypy what the L2 made
    containers = [child for child in definition.children if isinstance(child, ecs.ContainerDefinition)]
    place = [it.container_name for it in containers].index(container.container_name)
    resource.add_property_override(
        f"ContainerDefinitions.{place}.Secrets",
        [{"Name": name, "ValueFrom": reference.value_from} for name, reference in references.items()],
    )


class Certificates:
    """Writes the certificates of RDS to a volume of the task and ends; the containers that read them start after it.

    It runs as root, because a volume of Fargate belongs to root (ECS developer guide, "Use bind mounts"), without any
    capability, on a read-only root file system, and has no secret.

    Args:
        image: an image with a shell.
        log_group: log group of its output; it prints only when it fails.
    """

    def __init__(self, definition: ecs.TaskDefinition, *, image: str, region: str, log_group: logs.ILogGroup) -> None:
        definition.add_volume(name=_VOLUME)
        self._container = add_container(
            definition,
            names.CERTIFICATES_CONTAINER,
            image=image,
            command=CERTIFICATES_COMMAND,
            environment={names.CERTIFICATES_VARIABLE: certificates_of(region).strip()},
            log_group=log_group,
            essential=False,
            working_directory=names.CERTIFICATES_FOLDER,
        )
        self._mount(self._container, read_only=False)

    def give(self, container: ecs.ContainerDefinition) -> None:
        """Mount the certificates into a container, and set the variables by which Node and libpq find them."""
        self._mount(container, read_only=True)
        for variable in names.CERTIFICATE_VARIABLES:
            container.add_environment(variable, names.CERTIFICATES_FILE)
        start_after(container, self._container)

    @staticmethod
    def _mount(container: ecs.ContainerDefinition, *, read_only: bool) -> None:
        container.add_mount_points(
            ecs.MountPoint(source_volume=_VOLUME, container_path=names.CERTIFICATES_FOLDER, read_only=read_only)
        )


def add_database_user(
    definition: ecs.TaskDefinition,
    *,
    image: str,
    user: str,
    references: Mapping[str, SecretReference],
    certificates: Certificates,
    log_group: logs.ILogGroup,
) -> ecs.ContainerDefinition:
    """Add the container that makes the service's user as the master user, with this month's password, and ends.

    The API's container starts after it has succeeded, and gets neither the master user's name nor its password.

    Args:
        image: an image with a shell and psql.
        references: the master user's ``DATABASE_URL``, and ``SERVICE_PASSWORD``.
        certificates: the certificates by which psql verifies the database.
        log_group: log group of its output; it prints only when it fails.
    """
    container = add_container(
        definition,
        names.DATABASE_USER_CONTAINER,
        image=image,
        command=DATABASE_USER_COMMAND,
        environment={"SCRIPT": SCRIPT, "SERVICE_USER": user},
        log_group=log_group,
        essential=False,
        user="65534",  # the user `nobody`: the container writes nothing
    )
    inject(container, references)
    certificates.give(container)
    return container
