"""The section `service` of a configuration file."""

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, Literal

from pydantic import Field

from installation.aws_facts.limits import FARGATE_MEMORY_MIB
from installation.names import CERTIFICATE_VARIABLES
from installation.settings.containers import OF_THE_PLATFORM, ContainerSettings
from installation.settings.section import ImageName, RetentionDays, Section, UrlPath

# Version 41 (decision record 11), built on node:22-alpine: besides Node it has what Alpine's BusyBox has.
ECHO_IMAGE: Final = (
    "ghcr.io/mendhak/http-https-echo@sha256:2046be25f4a2c0bdda662ebfb7c2b7b60fc95c31d97987be143645a8a2194a40"
)
# It would tell each caller, and the log, the headers that it was sent, the distribution's secret one among them.
ECHO_IMAGE_SILENT: Final = {"ECHO_BACK_TO_CLIENT": "false", "LOG_IGNORE_PATH": "."}
# Where it listens besides, unless HTTPS_PORT says another one (mendhak/docker-http-https-echo, index.js).
ECHO_HTTPS_PORT: Final = 8443
STOP_TIMEOUT_SECONDS: Final = 30  # between SIGTERM and SIGKILL; ECS's default
# What health checks are asked by elsewhere. Programs by a path are those of the system and of Node alone.
_LACKING: Final = re.compile(r"bash|curl|dotnet|grpc_health_probe|java|perl|pg_isready|php|python[\d.]*|ruby")
_DIRECTORIES: Final = ("/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/sbin")
_OWN_PORT: Final = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):([0-9]+)")
_ALWAYS_FAILS: Final = re.compile(r"\s*(?:exit\s+[1-9]|false)\b")
_SEPARATORS: Final = "&|;()\n"
_VARIABLE: Final = re.compile(r"\w+=")


def lacking_program(command: tuple[str, ...]) -> str:
    """The program for want of which a container's health check fails in the image; empty where none is known.

    Where a shell asks, each of its alternatives, which || divides, has to lack one; `exit 1` is no alternative.

    Raises:
        ValueError: the shell's line has a quote without its end.
    """
    if command[0] == "CMD":
        return command[1] if _lacks_program(command[1]) else ""
    lacking = [next((it for it in programs if _lacks_program(it)), "") for programs in _alternatives(command[1])]
    return lacking[0] if lacking and all(lacking) else ""


def _lacks_program(program: str) -> bool:
    path = PurePosixPath(program)
    return _LACKING.fullmatch(path.name) is not None or ("/" in program and str(path.parent) not in _DIRECTORIES)


def _alternatives(line: str) -> Iterator[list[str]]:
    """What stands where a shell expects a program, in each alternative that can succeed."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=_SEPARATORS)
    lexer.commenters, lexer.whitespace, lexer.whitespace_split = "", " \t", True
    alternatives: list[list[list[str]]] = [[[]]]
    for word in lexer:
        if word == "||":
            alternatives.append([[]])
        elif not word.strip(_SEPARATORS):
            alternatives[-1].append([])
        elif alternatives[-1][-1] or not _VARIABLE.match(word):
            alternatives[-1][-1].append(word)
    for commands in alternatives:
        if commands[0][:1] not in (["exit"], ["false"]) or commands[0] == ["exit", "0"]:
            yield [command[0] for command in commands if command]


class AutoscalingSettings(Section):
    """Target tracking: as many tasks as keep one value near its target (decision record 29)."""

    least: int = Field(ge=1, le=20)
    """Minimum number of tasks, also at night."""
    most: int = Field(ge=2, le=20)
    """Maximum number of tasks, which limits the cost; a release runs twice as many for a while."""
    cpu_percent: int | None = Field(default=None, ge=10, le=90)
    """Target for the average CPU of the service's tasks; below alarms.cpu_percent."""
    requests_per_target: int | None = Field(default=None, ge=1, le=100_000)
    """Target for the requests per minute of each task."""

    def _check(self) -> Iterator[str]:
        if self.least >= self.most:
            yield f"most: {self.most} must be above least ({self.least}), otherwise nothing scales"
        if (self.cpu_percent is None) == (self.requests_per_target is None):
            yield "cpu_percent or requests_per_target: give one of them; two policies would contradict each other"

    @property
    def text(self) -> str:
        """What is held, for people."""
        return f"CPU {self.cpu_percent} %" if self.cpu_percent else f"{self.requests_per_target} requests a minute each"


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
                f"port: {self.port} is where the initial image serves HTTPS, and a month whose tasks "
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
                return
            if lacking:
                yield (
                    f"health_command: the image before the first release, service.initial_image, has no {lacking}, and "
                    "a month whose tasks fail their check does not start: write `wget -q -O /dev/null "
                    f"http://127.0.0.1:{self.port}{self.health_path}`, by CMD-SHELL behind || where yours has no wget"
                )
            if port := self._closed_port(self.health_command):
                yield (
                    f"health_command: asks port {port}, where nothing listens in the image before the first release, "
                    f"service.initial_image: it has service.port ({self.port})"
                )

    def _closed_port(self, command: tuple[str, ...]) -> str:
        """The port that a health check asks in vain in the initial image; empty where a part of it may succeed."""
        https = self.environment.get("HTTPS_PORT")
        served = {str(self.port), (https and https.value) or str(ECHO_HTTPS_PORT)}
        line = " ".join(command)
        parts = [it for it in line.split("||") if not _ALWAYS_FAILS.match(it)]
        asked = [_OWN_PORT.findall(it) for it in parts]
        in_vain = "$" not in line and not self.sidecars and all(it and not served.intersection(it) for it in asked)
        return asked[0][0] if asked and in_vain else ""

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
            yield f"memory_mib: {self.memory_mib} leaves no memory for the API, since sidecars get {taken}"
