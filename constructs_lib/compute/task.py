"""The task definition: the API's container, locked down, whose image is found when it is deployed, and its helpers."""

import json

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.compute import containers
from constructs_lib.compute.roles import TaskRoles
from constructs_lib.compute.variables import Variables
from installation.names import Names
from installation.settings import Settings
from installation.settings.containers import Sidecar
from installation.settings.database import DatabaseSettings
from installation.settings.service import STOP_TIMEOUT_SECONDS, ServiceSettings

_ARCHITECTURES = {"arm64": ecs.CpuArchitecture.ARM64, "x86_64": ecs.CpuArchitecture.X86_64}

TMP_MIB = 64  # Counts against the task's memory; the API writes little there
# Each check starts Node, which is slow on a quarter of a vCPU.
HEALTH_TIMEOUT = cdk.Duration.seconds(10)
HEALTH_INTERVAL = cdk.Duration.seconds(30)
HEALTH_RETRIES = 3
# ECS asks a task to stop after its target has been drained, so little is left to finish.
STOP_TIMEOUT = cdk.Duration.seconds(STOP_TIMEOUT_SECONDS)

# The folders that the SSM agent of ECS Exec writes, by volume. AWS documents Exec on a read-only root as unsupported;
# with these three writable it works (aws/containers-roadmap #1359, amazon-ecs-exec-checker #71).
EXEC_FOLDERS = {"exec-agent": "/managed-agents", "exec-state": "/var/lib/amazon/ssm", "exec-log": "/var/log/amazon/ssm"}


class ApiTask(Construct):
    """The task of the API.

    Its image is a dynamic reference to the release parameter, without a version: CloudFormation resolves it whenever
    it creates the definition. So a release changes no template, and a new month starts the last release. No command is
    set, because initial and released images run from this one definition, each by its own command.

    Args:
        settings: size, port, checks and lock-down, and the service's database user.
        log_group: log group of all containers; it outlives the month.
        variables: the variables of the installation, ``DATABASE_URL`` among them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        roles: TaskRoles,
        log_group: logs.ILogGroup,
        variables: Variables,
    ) -> None:
        super().__init__(scope, construct_id)
        self._log_group, self._variables = log_group, variables
        service = settings.service
        self.roles = roles
        self.definition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            family=settings.names.task_family,
            cpu=service.cpu_units,
            memory_limit_mib=service.memory_mib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_ARCHITECTURES[service.architecture],
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=roles.task,
            execution_role=roles.execution,
        )
        self._add_helpers(service, settings.database, self._add_api(settings.names, service))
        acknowledge(
            self.definition,
            {
                "AwsSolutions-ECS2": "Variables hold ports, addresses and public certificates; what the settings call "
                "a secret is injected by ECS.",
                "CloudFormation-Validate::E1029": "What stands in ${…} is the program's or the shell's to fill in.",
                "Annotation::@aws-cdk/aws-ecs:ecrImageRequiresPolicy": "The execution role pulls from the project's "
                "repository, and settings refuse other private ones.",
            },
        )

    def _add_api(self, names: Names, settings: ServiceSettings) -> ecs.ContainerDefinition:
        """The product's container, the first of the task."""
        parameter = cdk.CfnDynamicReference(cdk.CfnDynamicReferenceService.SSM, names.release_parameter)
        container = self.definition.add_container(
            names.container,
            container_name=names.container,
            image=ecs.ContainerImage.from_registry(parameter.to_string()),
            essential=True,
            port_mappings=[ecs.PortMapping(container_port=settings.port)],
            environment={
                "NODE_ENV": "production",
                "PORT": str(settings.port),
                **settings.initial_variables,
                **self._variables.texts(settings.environment),
            },
            logging=containers.log_driver(self._log_group),
            health_check=ecs.HealthCheck(
                command=health_command(settings),
                interval=HEALTH_INTERVAL,
                timeout=HEALTH_TIMEOUT,
                retries=HEALTH_RETRIES,
                start_period=cdk.Duration.seconds(settings.start_grace_seconds),
            ),
            user=settings.user,
            privileged=False,
            readonly_root_filesystem=settings.read_only_root,
            linux_parameters=self._linux(settings),
            stop_timeout=STOP_TIMEOUT,
        )
        references = self._variables.references(settings.environment, settings.secrets)
        containers.inject(container, {"DATABASE_URL": self._variables.database_url(), **references})
        if settings.execute_command and settings.read_only_root:
            for volume, folder in EXEC_FOLDERS.items():
                self.definition.add_volume(name=volume)
                container.add_mount_points(ecs.MountPoint(source_volume=volume, container_path=folder, read_only=False))
        return container

    def _add_helpers(
        self, settings: ServiceSettings, database: DatabaseSettings, container: ecs.ContainerDefinition
    ) -> None:
        """The other containers: certificates and the service's user before the product's, sidecars beside it."""
        certificates = None
        if image := settings.certificates_image:
            region = cdk.Stack.of(self).region
            certificates = containers.Certificates(
                self.definition, image=image, region=region, log_group=self._log_group
            )
            certificates.give(container)
        if certificates and database.service_user and database.service_user_image:
            user = containers.add_database_user(
                self.definition,
                image=database.service_user_image,
                user=database.service_user,
                references=self._variables.for_service_user(),
                certificates=certificates,
                log_group=self._log_group,
            )
            containers.start_after(container, user)
        for name, sidecar in sorted(settings.sidecars.items()):
            self._add_sidecar(name, sidecar, certificates)

    def _add_sidecar(self, name: str, sidecar: Sidecar, certificates: containers.Certificates | None) -> None:
        container = containers.add_container(
            self.definition,
            name,
            image=sidecar.image,
            command=sidecar.command,
            environment=self._variables.texts(sidecar.environment),
            log_group=self._log_group,
            essential=sidecar.essential,
            user=sidecar.user,
            memory_mib=sidecar.memory_mib,
            read_only_root=sidecar.read_only_root,
            reaps=True,
        )
        containers.inject(container, self._variables.references(sidecar.environment, sidecar.secrets))
        if certificates:
            certificates.give(container)

    def _linux(self, settings: ServiceSettings) -> ecs.LinuxParameters:
        # The init process reaps ended processes of the API or a shell.
        linux = ecs.LinuxParameters(self, "Linux", init_process_enabled=True)
        # In memory, because a volume of Fargate belongs to root (ECS developer guide, "Use bind mounts"). Fargate has
        # this since January 2026 (What's New, "tmpfs mounts on AWS Fargate"); older AWS pages still say that it has
        # not.
        linux.add_tmpfs(
            ecs.Tmpfs(
                container_path="/tmp",  # noqa: S108 - the folder that programs expect, private to the container
                size=TMP_MIB,
                mount_options=[*(ecs.TmpfsMountOption.NOSUID, ecs.TmpfsMountOption.NODEV, ecs.TmpfsMountOption.NOEXEC)],
            )
        )
        # Which capabilities the agent of ECS Exec needs is documented nowhere (aws/containers-roadmap #1360). The API
        # itself has none either way: it does not run as root.
        if not settings.execute_command:
            linux.drop_capabilities(ecs.Capability.ALL)
        return linux


def health_command(settings: ServiceSettings) -> list[str]:
    """The command of the container's health check.

    Unless settings have a command, Node sends the request, because the images have Node but no curl; without a shell,
    so that nothing is quoted twice. It distinguishes a task that hangs from a blocked network, which the load balancer
    cannot.
    """
    if settings.health_command:
        return list(settings.health_command)
    url = json.dumps(f"http://127.0.0.1:{settings.port}{settings.health_path}")
    script = f"fetch({url}).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
    return ["CMD", "node", "-e", script]
