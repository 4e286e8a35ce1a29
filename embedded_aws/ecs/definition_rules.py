"""The rules of RegisterTaskDefinition for Fargate that the project's task definitions can violate.

The rules about a single part are in `requests/property_rules.yaml`.
"""

import json
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_rules import broken_fargate_rules, broken_rules
from embedded_aws.ecs.images import is_own
from embedded_aws.requests import property_rules
from installation.aws_facts.limits import FARGATE_MEMORY_MIB

_WITH_UNIT = {
    "cpu": re.compile(r"(\d*\.?\d+) *vcpu", re.IGNORECASE),
    "memory": re.compile(r"(\d*\.?\d+) *gb", re.IGNORECASE),
}
_MOST_BYTES = 65_536
_LEAST_CPU_OF_WINDOWS = 1024


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
    yield from broken_rules(request, containers)
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
        yield from broken_fargate_rules(request, container)
        if not request.get("executionRoleArn"):
            yield from _missing_execution_role(container)


def _missing_execution_role(container: emulator.Record) -> Iterator[str]:
    for feature, needed in (
        ("log driver awslogs", (container.get("logConfiguration") or {}).get("logDriver") == "awslogs"),
        ("ECR images", is_own(container["image"])),
    ):
        if needed:
            yield f"Fargate requires task definition to have execution role ARN to support {feature}."
