"""What RegisterTaskDefinition refuses about single values of a container: names, image, ports, limits, secrets.

The first sentences are those of terraform-provider-aws #5950 and terraform #2888; of the others only the code and the
rule are documented.
"""

import re
from collections.abc import Iterator
from typing import Final

from embedded_aws.ecs import emulator

_LAST_PORT: Final = 65_535
# API reference, ContainerDefinition: name, image; Secret: valueFrom is an ARN or the name of a parameter of the region.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_IMAGE: Final = re.compile(r"[A-Za-z0-9_:./#@+-]{1,255}")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_./-]+")
_SECRET: Final = re.compile(
    r"arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+(:[^:]*){0,3}|ssm:[a-z0-9-]+:\d{12}:parameter/.+)"
)


def wrong_values(container: emulator.Record) -> Iterator[str]:
    """What is wrong about the values of a container, in words for the caller."""
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


def _ports(container: emulator.Record) -> Iterator[str]:
    for mapping in container.get("portMappings") or []:
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
