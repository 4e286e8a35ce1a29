"""RegisterTaskDefinition's rules about combinations: parts of a container definition, or of its task, that conflict.

The rules about a single part are in `requests/property_rules.yaml`. Where a report quotes AWS's text, it is named; for
the others only the error code is documented.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from embedded_aws.ecs import emulator

_MOST_CONTAINERS: Final = 10
# Developer guide, "Send Amazon ECS logs to CloudWatch"; the message is from empire's code.
_OPTIONS: Final = frozenset(
    {
        *("awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group"),
        *("awslogs-datetime-format", "awslogs-multiline-pattern", "max-buffer-size", "mode"),
    }
)
# API reference, Secret: valueFrom is an ARN or the name of a parameter of the region.
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_./-]+")
_SECRET: Final = re.compile(
    r"arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+(:[^:]*){0,3}|ssm:[a-z0-9-]+:\d{12}:parameter/.+)"
)


def broken_rules(request: emulator.Record, containers: Sequence[emulator.Record]) -> Iterator[str]:
    """The error messages for the containers of a definition."""
    if not 0 < len(containers) <= _MOST_CONTAINERS:
        yield f"A task definition has 1 to {_MOST_CONTAINERS} containers, and not {len(containers)}."
    names = Counter(container.get("name", "") for container in containers)
    yield from (f"Container names must be unique: {name}." for name, count in names.items() if count > 1)
    volumes = {volume.get("name") for volume in request.get("volumes") or []}
    mappings = [mapping for container in containers for mapping in container.get("portMappings") or []]
    ports = Counter(mapping["name"] for mapping in mappings if mapping.get("name"))
    yield from (f"The port mapping name {name} is already used" for name, count in ports.items() if count > 1)
    for container in containers:
        yield from _variables(container)
        yield from _limits(container)
        yield from _secrets(container)
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                yield f"Unknown volume '{mount.get('sourceVolume')}'."


def broken_fargate_rules(request: emulator.Record, container: emulator.Record) -> Iterator[str]:
    """The error messages for a container that apply on Fargate only."""
    if (container.get("memory") or 0) > int(request["memory"]):
        yield f"The 'memory' setting for container '{container.get('name', '')}' is greater than for the task."
    logs = container.get("logConfiguration") or {}
    if logs.get("logDriver") == "awslogs" and (unknown := sorted(set(logs.get("options") or {}) - _OPTIONS)):
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


def _limits(container: emulator.Record) -> Iterator[str]:
    if (container.get("memoryReservation") or 0) > (container.get("memory") or float("inf")):
        yield f"The memoryReservation of container {container.get('name')} must not be greater than its memory."
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
