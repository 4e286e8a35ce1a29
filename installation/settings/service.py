"""The section `service` of a configuration file."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from installation.aws_facts.fargate_sizes import FARGATE_MEMORY_MIB
from installation.names import CERTIFICATE_VARIABLES
from installation.settings.autoscaling import AutoscalingSettings
from installation.settings.containers import OF_THE_PLATFORM, ContainerSettings
from installation.settings.initial_image import ECHO_HTTPS_PORT, ECHO_IMAGE, ECHO_IMAGE_SILENT, lacking_program
from installation.settings.values import ImageName, RetentionDays, UrlPath


class ServiceSettings(ContainerSettings):
    """The API as it runs on ECS Fargate."""

    cpu_units: Literal[256, 512, 1024, 2048, 4096] = 256
    """1,024 units are one vCPU; the API idles on the smallest size."""
    memory_mib: int = 512
    """Memory of the task in MiB; Fargate allows only certain sizes for each CPU size."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor architecture of the tasks and of the images built for them; ARM costs a fifth less."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    """Spot is about 70 % cheaper, and AWS may interrupt its tasks with two minutes' notice."""
    desired_count: int = Field(default=1, ge=1, le=20)
    """Number of tasks that serve production, or with which a month begins if autoscaling is on; a release runs twice as
    many for a while."""
    autoscaling: AutoscalingSettings | None = None
    """Lets the number of tasks follow the load: least, most, and cpu_percent or requests_per_target."""
    port: int = Field(default=3000, ge=1024, le=65535)
    """Port of the container; above 1023, because it does not run as root."""
    health_path: UrlPath = "/health"
    """Answers 200 when the API can serve; asked by the load balancer and by the container itself. Begins with / and is
    written as in an address."""
    health_command: tuple[str, ...] | None = Field(default=None, min_length=2)
    """Container health check: CMD and its words, or CMD-SHELL and a line; by default Node asks the health path. It must
    work in the initial image too, which has Node and BusyBox: what is known to be missing there, such as curl, is
    refused."""
    start_grace_seconds: int = Field(default=60, ge=0, le=300)
    """Time after its start in which a task's failed health checks do not count."""
    # ECS waits for it before a service is gone, and CloudFormation gives a service's deletion up after half an hour
    # (AWS::ECS::Service, handlers.delete.timeoutInMinutes): the month's end would fail.
    deregistration_delay_seconds: int = Field(default=30, ge=0, le=1500)
    """Seconds in which a deregistered target may finish its requests; the longest request of the API takes seconds."""
    initial_image: ImageName = ECHO_IMAGE
    """Public image that runs until the first release: by its own command, because a released image runs by its own;
    this one, version 41 by its digest, has Node, runs as user 1000, answers every path with 200, and is configured to
    show callers nothing (decision record 11)."""
    initial_port_variable: str = Field(default="HTTP_PORT", pattern=r"^[A-Z][A-Z0-9_]*$")
    """Variable from which the initial image takes its port; the API takes it from PORT."""
    user: str = Field(default="1000:1000", pattern=r"^[1-9][0-9]*(:[1-9][0-9]*)?$")
    """Numeric user and group of the container, never root; 1000 is `node` in Node's images."""
    read_only_root: bool = True
    """Whether the container's root file system is read-only; /tmp stays writable."""
    execute_command: bool = False
    """Whether ECS Exec may open a shell in a task; each session is recorded in the service's log group."""
    container_insights: Literal["disabled", "enabled", "enhanced"] = "disabled"
    """Metrics of each task, at 0.30 USD per metric and month, or 0.07 for the many `enhanced` ones; the two metrics of
    the alarms are free without it."""
    log_retention_days: RetentionDays = 90
    """As long as CloudTrail's, so that an event and what the service logged can be read together."""

    @property
    def initial_variables(self) -> dict[str, str]:
        """What the initial image reads; released images get it too, because one definition starts both."""
        silent = ECHO_IMAGE_SILENT if self.initial_image == ECHO_IMAGE else {}
        return {self.initial_port_variable: str(self.port), **silent}

    def _check_containers(self) -> Iterator[str]:
        port = self.initial_port_variable
        if port in ("DATABASE_URL", "NODE_ENV", *CERTIFICATE_VARIABLES) or port.startswith(OF_THE_PLATFORM):
            yield f"initial_port_variable: {port} is set by this infrastructure, or by AWS"
        yield from self.wrong_containers(reserved=("PORT", "DATABASE_URL", port))
        # ECS takes no name for both a variable and a secret (API reference, ContainerDefinition, secrets).
        if plain := sorted({"NODE_ENV", *self.initial_variables} & set(self.secrets)):
            yield f"secrets.{plain[0]}: is set by this infrastructure; take another name"

    def _check_port(self) -> Iterator[str]:
        if self.port == ECHO_HTTPS_PORT and self.initial_image == ECHO_IMAGE and "HTTPS_PORT" not in self.environment:
            yield (
                f"port: {self.port} is where the image before the first release speaks HTTPS, and a month whose tasks "
                "end by that does not start: choose another, or give it one by service.environment.HTTPS_PORT"
            )

    def _check_health_command(self) -> Iterator[str]:
        # ECS refuses any other (API reference, HealthCheck).
        if self.health_command and self.health_command[0] not in ("CMD", "CMD-SHELL"):
            yield f"health_command: must begin with CMD or CMD-SHELL, not with {self.health_command[0]}"
        if self.health_command and self.initial_image == ECHO_IMAGE:
            try:
                lacking = lacking_program(self.health_command)
            except ValueError as error:
                yield f"health_command: no shell can read it: {error}"
            if lacking:
                yield (
                    f"health_command: the image before the first release, service.initial_image, has no {lacking}, and "
                    "a month whose tasks fail their check does not start: write `wget -q -O /dev/null "
                    f"http://127.0.0.1:{self.port}{self.health_path}`, by CMD-SHELL behind || where yours has no wget"
                )

    def _check_count(self) -> Iterator[str]:
        scaling = self.autoscaling
        if scaling and not scaling.least <= self.desired_count <= scaling.most:
            yield (
                f"desired_count: {self.desired_count} must be from autoscaling.least to autoscaling.most "
                f"({scaling.least} to {scaling.most}), because a month begins with it"
            )

    def _check_size(self) -> Iterator[str]:
        allowed = FARGATE_MEMORY_MIB[self.cpu_units]
        if self.memory_mib not in allowed:
            sizes = ", ".join(str(size) for size in allowed)
            yield f"memory_mib: {self.memory_mib} does not go with cpu_units {self.cpu_units}: {sizes}"
        # The API has no limit of its own, and gets what they leave.
        taken = sum(one.memory_mib or 0 for one in self.sidecars.values())
        if taken >= self.memory_mib:
            yield f"memory_mib: {self.memory_mib} leaves nothing to the API, since sidecars get {taken}"
