"""What RegisterTaskDefinition refuses about single containers and what they share.

The rules are those of the ECS API reference (ContainerDefinition, HealthCheck, KernelCapabilities, LogConfiguration).
Where a report quotes AWS's text, it is named; of the others only the code is documented. The sentences about name and
image are those of terraform-provider-aws #5950 and terraform #2888.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from embedded_aws.ecs import emulator
from embedded_aws.ecs.fargate_rules import broken_container_rules

_MOST_STOP_SECONDS: Final = 120
_MOST_CONTAINERS: Final = 10
_ADDABLE: Final = frozenset({"SYS_PTRACE"})
_LOG_DRIVERS: Final = frozenset({"awslogs", "splunk", "awsfirelens"})
_AWSLOGS: Final = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
# Developer guide, "Send Amazon ECS logs to CloudWatch"; the sentence is that of empire's code.
_OPTIONS: Final = frozenset(
    {
        *_AWSLOGS,
        "awslogs-create-group",
        "awslogs-datetime-format",
        "awslogs-multiline-pattern",
        "max-buffer-size",
        "mode",
    }
)
_HEALTH_COMMANDS: Final = ("CMD", "CMD-SHELL")
_HEALTH_RANGES: Final = {"interval": (5, 300), "timeout": (2, 120), "retries": (1, 10), "startPeriod": (0, 300)}
_LAST_PORT: Final = 65_535
# API reference, ContainerDefinition: name, image; Secret: valueFrom is an ARN or the name of a parameter of the region.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_IMAGE: Final = re.compile(r"[A-Za-z0-9_:./#@+-]{1,255}")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_./-]+")
_SECRET: Final = re.compile(
    r"arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+(:[^:]*){0,3}|ssm:[a-z0-9-]+:\d{12}:parameter/.+)"
)


def broken_rules(request: emulator.Record, containers: Sequence[emulator.Record]) -> Iterator[str]:
    """What is wrong about the containers of a definition, in words for the caller."""
    if not 0 < len(containers) <= _MOST_CONTAINERS:
        yield f"A task definition has 1 to {_MOST_CONTAINERS} containers, and not {len(containers)}."
    names = Counter(container.get("name", "") for container in containers)
    yield from (f"Container names must be unique: {name}." for name, count in names.items() if count > 1)
    if containers and not any(container.get("essential", True) for container in containers):
        yield "A task definition must have at least one essential container."
    volumes = {volume.get("name") for volume in request.get("volumes") or []}
    yield from _shared_ports(containers)
    for container in containers:
        yield from _values(container)
        yield from _variables(container)
        yield from _health_check(container.get("healthCheck") or {})
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                yield f"Unknown volume '{mount.get('sourceVolume')}'."


def broken_fargate_rules(request: emulator.Record, container: emulator.Record) -> Iterator[str]:
    """What is wrong about a container on Fargate alone."""
    name = container.get("name", "")
    if (container.get("stopTimeout") or 0) > _MOST_STOP_SECONDS:
        yield f"The stopTimeout of container {name} must be at most {_MOST_STOP_SECONDS} seconds on Fargate."
    capabilities: Any = (container.get("linuxParameters") or {}).get("capabilities") or {}
    if added := sorted(set(capabilities.get("add") or []) - _ADDABLE):
        yield f"Fargate does not support adding the capabilities {', '.join(added)}."
    if (container.get("memory") or 0) > int(request["memory"]):
        yield f"The 'memory' setting for container '{name}' is greater than for the task."
    yield from _log_driver(container.get("logConfiguration") or {})
    yield from broken_container_rules(container)


def _log_driver(logs: emulator.Record) -> Iterator[str]:
    if logs and logs.get("logDriver") not in _LOG_DRIVERS:
        yield f"Fargate does not support the log driver {logs.get('logDriver')}."
    if logs.get("logDriver") == "awslogs":
        options = logs.get("options") or {}
        yield from (f"Log driver awslogs requires option '{option}'." for option in _AWSLOGS if not options.get(option))
        if unknown := sorted(set(options) - _OPTIONS):
            yield f"Log driver awslogs disallows options: {', '.join(unknown)}"


def _variables(container: emulator.Record) -> Iterator[str]:
    secrets = Counter(secret.get("name", "") for secret in container.get("secrets") or [])
    for name, count in secrets.items():
        if count > 1:  # aws-ecs-orb #190
            yield f"Duplicate secret names found: {name}. Each secret name must be unique."
    for variable in container.get("environment") or []:
        if variable.get("name") in secrets:  # dagster #11622
            yield (
                "The secret name must be unique and not shared with any new or existing environment variables set on "
                f"the container, such as '{variable['name']}'."
            )


def _health_check(check: emulator.Record) -> Iterator[str]:
    command = check.get("command") or []
    if check and (not command or command[0] not in _HEALTH_COMMANDS):
        yield "The health check command must begin with CMD or CMD-SHELL."
    for field, (least, most) in _HEALTH_RANGES.items():
        value = check.get(field)
        if value is not None and not least <= int(value) <= most:
            yield f"The health check {field} must be between {least} and {most}."


def _values(container: emulator.Record) -> Iterator[str]:
    """Names, image, ports, limits and secrets of one container."""
    for field, pattern in (("name", _NAME), ("image", _IMAGE)):
        text = str(container.get(field) or "")
        if not text:
            yield f"Container.{field} should not be null or empty."
        elif not pattern.fullmatch(text):
            yield f"Container.{field} contains invalid characters."
    if (container.get("memoryReservation") or 0) > (container.get("memory") or float("inf")):
        yield f"The memoryReservation of container {container.get('name')} must not be greater than its memory."
    if any(not it.get("name") for it in container.get("environment") or []):
        yield f"An environment variable of container {container.get('name')} has no name."
    yield from _ports(container)
    yield from _limits(container)
    yield from _secrets(container)


def _shared_ports(containers: Sequence[emulator.Record]) -> Iterator[str]:
    mappings = [mapping for container in containers for mapping in container.get("portMappings") or []]
    names = Counter(mapping["name"] for mapping in mappings if mapping.get("name"))
    yield from (f"The port mapping name {name} is already used" for name, count in names.items() if count > 1)


def _ports(container: emulator.Record) -> Iterator[str]:
    for mapping in container.get("portMappings") or []:
        if not (mapping.get("containerPort") or mapping.get("containerPortRange")):
            yield "A port mapping needs a containerPort."
        for field in ("containerPort", "hostPort"):
            if not 0 <= (mapping.get(field) or 0) <= _LAST_PORT:
                yield f"The {field} {mapping[field]} is not between 0 and {_LAST_PORT}."


def _limits(container: emulator.Record) -> Iterator[str]:
    for limit in container.get("ulimits") or []:
        if limit.get("softLimit", 0) > limit.get("hardLimit", 0):
            yield f"The soft limit of ulimit {limit.get('name')} must not be greater than its hard limit."


def _secrets(container: emulator.Record) -> Iterator[str]:
    for secret in container.get("secrets") or []:
        value = str(secret.get("valueFrom") or "")
        pattern = _SECRET if value.startswith("arn:") else _PARAMETER
        if not pattern.fullmatch(value):
            name = container.get("name")
            yield f"The secret {secret.get('name')} of container {name} has an invalid valueFrom: {value}"
