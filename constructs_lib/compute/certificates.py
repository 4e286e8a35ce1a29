"""The container that writes the certificates of the database, so that no image has to bring them."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from constructs_lib.compute.containers import add_container, start_after
from installation.aws_facts.rds_certificates import certificates_of
from installation.names import (
    CERTIFICATE_VARIABLES,
    CERTIFICATES_CONTAINER,
    CERTIFICATES_FILE,
    CERTIFICATES_FOLDER,
    CERTIFICATES_VARIABLE,
)

_VOLUME = CERTIFICATES_CONTAINER
# The shell alone writes it, into its working directory: the image needs nothing else.
COMMAND = ("sh", "-c", f"printf '%s\\n' \"${CERTIFICATES_VARIABLE}\" > {CERTIFICATES_FILE.rpartition('/')[2]}")


class Certificates:
    """Writes the certificates of RDS to a volume of the task and ends; the containers that read them start after it.

    It runs as root, because a volume of Fargate belongs to root (ECS developer guide, "Use bind mounts"), without any
    capability, on a read-only root file system, and has no secret.

    Args:
        image: an image with a shell.
        region: the region whose certificates are written.
        log_group: log group of its output; it prints only when it fails.
    """

    def __init__(self, definition: ecs.TaskDefinition, *, image: str, region: str, log_group: logs.ILogGroup) -> None:
        definition.add_volume(name=_VOLUME)
        self._container = add_container(
            definition,
            CERTIFICATES_CONTAINER,
            image=image,
            command=COMMAND,
            environment={CERTIFICATES_VARIABLE: certificates_of(region).strip()},
            log_group=log_group,
            essential=False,
            working_directory=CERTIFICATES_FOLDER,
        )
        self._mount(self._container, read_only=False)

    def give(self, container: ecs.ContainerDefinition) -> None:
        """Mount the certificates into a container, and set the variables by which Node and libpq find them."""
        self._mount(container, read_only=True)
        for variable in CERTIFICATE_VARIABLES:
            container.add_environment(variable, CERTIFICATES_FILE)
        start_after(container, self._container)

    @staticmethod
    def _mount(container: ecs.ContainerDefinition, *, read_only: bool) -> None:
        container.add_mount_points(
            ecs.MountPoint(source_volume=_VOLUME, container_path=CERTIFICATES_FOLDER, read_only=read_only)
        )
