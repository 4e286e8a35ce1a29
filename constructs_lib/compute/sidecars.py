"""Containers beside the API's, in the same task."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.compute.certificates import Certificates
from constructs_lib.compute.container_logs import log_driver
from constructs_lib.compute.variables import Variables, inject
from installation.settings.containers import Sidecar


def add_sidecar(
    scope: Construct,
    name: str,
    *,
    definition: ecs.TaskDefinition,
    sidecar: Sidecar,
    index: int,
    variables: Variables,
    certificates: Certificates | None,
    log_group: logs.ILogGroup,
) -> None:
    """Add a container, locked down as the API's.

    Args:
        sidecar: image, variables and limits.
        index: its place in the definition.
        variables: of the installation.
        certificates: what writes the database's certificates; None where no container does.
    """
    linux = ecs.LinuxParameters(scope, f"Linux-{name}", init_process_enabled=True)
    linux.drop_capabilities(ecs.Capability.ALL)
    container = definition.add_container(
        name,
        container_name=name,
        image=ecs.ContainerImage.from_registry(sidecar.image),
        essential=sidecar.essential,
        command=list(sidecar.command) if sidecar.command else None,
        environment=variables.texts(sidecar.environment),
        user=sidecar.user,
        memory_limit_mib=sidecar.memory_mib,
        logging=log_driver(log_group),
        privileged=False,
        readonly_root_filesystem=sidecar.read_only_root,
        linux_parameters=linux,
    )
    inject(definition, index, variables.references(sidecar.environment, sidecar.secrets))
    if certificates:
        certificates.give(container)
