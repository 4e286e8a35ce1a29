"""The rules of RegisterTaskDefinition for Fargate that the project's task definitions can violate.

The rules about a single part are in `requests/property_rules.yaml`; here are those about combinations: parts of a
container definition, or of its task, that conflict. Where a report quotes AWS's text, it is named; for the others only
the error code is documented.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from embedded_aws.ecs import emulator
from embedded_aws.ecs.images import is_own
from embedded_aws.requests import property_rules
from installation.aws_facts.limits import FARGATE_MEMORY_MIB

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
_WITH_UNIT = {
    "cpu": re.compile(r"(\d*\.?\d+) *vcpu", re.IGNORECASE),
    "memory": re.compile(r"(\d*\.?\d+) *gb", re.IGNORECASE),
}
_MOST_BYTES = 65_536
_LEAST_CPU_OF_WINDOWS = 1024


def _broken_rules(request: emulator.Record, containers: Sequence[emulator.Record]) -> Iterator[str]:
    if not 0 < len(containers) <= _MOST_CONTAINERS:
        yield f"A task definition has 1 to {_MOST_CONTAINERS} containers, and not {len(containers)}."
    volumes = {volume.get("name") for volume in request.get("volumes") or []}
    for container in containers:
        yield from _variables(container)
        yield from _secrets(container)
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                yield f"Unknown volume '{mount.get('sourceVolume')}'."


def _broken_fargate_rules(request: emulator.Record, container: emulator.Record) -> Iterator[str]:
    """The error messages for a container that apply on Fargate only."""
    if (container.get("memory") or 0) > int(request["memory"]):
        yield f"The 'memory' setting for container '{container.get('name', '')}' is greater than for the task."
    logs = container.get("logConfiguration") or {}
    uses_awslogs = logs.get("logDriver") == "awslogs"
    if uses_awslogs and (unknown := sorted(set(logs.get("options") or {}) - _OPTIONS)):
        yield f"Log driver awslogs disallows options: {', '.join(unknown)}"
    for feature, needed in (("log driver awslogs", uses_awslogs), ("ECR images", is_own(str(container["image"])))):
        if needed and not request.get("executionRoleArn"):
            yield f"Fargate requires task definition to have execution role ARN to support {feature}."


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


def _secrets(container: emulator.Record) -> Iterator[str]:
    for secret in container.get("secrets") or []:
        value = str(secret.get("valueFrom") or "")
        pattern = _SECRET if value.startswith("arn:") else _PARAMETER
        if not pattern.fullmatch(value):
            name = container.get("name")
            yield f"The secret {secret.get('name')} of container {name} has an invalid valueFrom: {value}"


def task_size(request: emulator.Record) -> emulator.Record:
    """CPU and memory in units and MiB, converted from ``1 vCPU`` and ``2 GB`` (RegisterTaskDefinition)."""
    found = {name: pattern.fullmatch(str(request.get(name))) for name, pattern in _WITH_UNIT.items()}
    return {name: str(round(float(it[1]) * 1024)) for name, it in found.items() if it}


def check_task_definition(request: emulator.Record) -> None:
    """Refuse what RegisterTaskDefinition refuses, with the message of the first violated rule."""
    property_rules.check("ECS task definition", request)
    if request.get("networkMode") == "awsvpc":
        property_rules.check("ECS task definition in awsvpc", request)
    if on_fargate := "FARGATE" in request.get("requiresCompatibilities", []):
        property_rules.check("ECS task definition on Fargate", request)
    for rule in _broken(request, on_fargate=on_fargate):
        raise emulator.refusal("ClientException", rule)


def _broken(request: emulator.Record, *, on_fargate: bool) -> Iterator[str]:
    containers = request.get("containerDefinitions", [])
    size = len(json.dumps(request, separators=(",", ":"), ensure_ascii=False, default=str).encode())
    if size > _MOST_BYTES:
        yield f"Actual length: '{size}'. Max allowed length is '{_MOST_BYTES}' bytes."
    yield from _dependencies(containers)
    yield from _broken_rules(request, containers)
    mappings = [mapping for container in containers for mapping in container.get("portMappings") or []]
    same = all(it.get("hostPort", it.get("containerPort")) == it.get("containerPort") for it in mappings)
    if request.get("networkMode") == "awsvpc" and not same:
        yield "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
    if on_fargate:
        yield from _fargate_problems(request, containers)


def _dependencies(containers: list[emulator.Record]) -> Iterator[str]:
    """Errors about dependencies; hako #99 and boto3 #2436 quote the first two messages."""
    by_name = {container.get("name"): container for container in containers}
    for container, dependency in ((it, on) for it in containers for on in it.get("dependsOn") or []):
        name, condition = dependency.get("containerName"), dependency.get("condition")
        if name not in by_name:
            yield f"Cannot depend on container + '{name}' because it does not exist"
            continue
        if condition in ("SUCCESS", "COMPLETE") and by_name[name].get("essential", True):
            yield "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
        if condition == "HEALTHY" and not by_name[name].get("healthCheck"):
            yield f"Container {name} must have a health check for a HEALTHY condition."
        if name == container.get("name"):
            yield f"Container {name} cannot depend on itself."
    order = {name: {it.get("containerName") for it in each.get("dependsOn") or []} for name, each in by_name.items()}
    try:
        TopologicalSorter({name: others - {name} for name, others in order.items()}).prepare()
    except CycleError:  # worded like the message about links (Shippable/support #4194)
        yield "Container dependencies should not have a cycle"


def _fargate_problems(request: emulator.Record, containers: list[emulator.Record]) -> Iterator[str]:
    cpu, memory = str(request["cpu"]), str(request["memory"])
    windows = (request.get("runtimePlatform") or {}).get("operatingSystemFamily", "").startswith("WINDOWS")
    known = cpu.isdecimal() and memory.isdecimal() and int(memory) in FARGATE_MEMORY_MIB.get(int(cpu), ())
    if not known or (windows and int(cpu) < _LEAST_CPU_OF_WINDOWS):
        yield "No Fargate configuration exists for given values."
    if sum(container.get("cpu") or 0 for container in containers) > int(cpu):
        yield "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value"
    for container in containers:
        yield from _broken_fargate_rules(request, container)
