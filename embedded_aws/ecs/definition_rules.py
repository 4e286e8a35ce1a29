"""The rules of RegisterTaskDefinition for Fargate that our task definitions can break."""

import json
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_rules import broken_fargate_rules, broken_rules
from embedded_aws.ecs.fargate_rules import broken_network_rules, broken_task_rules
from embedded_aws.ecs.images import is_own
from installation.aws_facts.fargate_sizes import FARGATE_MEMORY_MIB

_WITH_UNIT = {
    "cpu": re.compile(r"(\d*\.?\d+) *vcpu", re.IGNORECASE),
    "memory": re.compile(r"(\d*\.?\d+) *gb", re.IGNORECASE),
}
_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")
_MOST_BYTES = 65_536
_LEAST_STORAGE_GIB, _MOST_STORAGE_GIB = 21, 200


def task_size(request: emulator.Record) -> emulator.Record:
    """CPU and memory in units and MiB, where they are given as ``1 vCPU`` and ``2 GB`` (RegisterTaskDefinition)."""
    found = {name: pattern.fullmatch(str(request.get(name))) for name, pattern in _WITH_UNIT.items()}
    return {name: str(round(float(it[1]) * 1024)) for name, it in found.items() if it}


def check_task_definition(request: emulator.Record) -> None:
    """Refuse what RegisterTaskDefinition refuses, with the message of the first rule that is broken."""
    for rule in _broken(request):
        raise emulator.refusal("ClientException", rule)


def _broken(request: emulator.Record) -> Iterator[str]:
    containers = request.get("containerDefinitions", [])
    yield from _of_task(request)
    yield from _of_roles(request, containers)
    yield from _dependencies(containers)
    yield from broken_rules(request, containers)
    if request.get("networkMode") == "awsvpc":
        yield from (said for container in containers for said in broken_network_rules(container))
    if "FARGATE" in request.get("requiresCompatibilities", []):
        yield from _of_fargate(request, containers)


def _of_task(request: emulator.Record) -> Iterator[str]:
    if not _FAMILY.fullmatch(str(request.get("family") or "")):
        yield "Family contains invalid characters."  # amazon-ecs-cli #37
    storage = request.get("ephemeralStorage")
    if storage and not _LEAST_STORAGE_GIB <= (storage.get("sizeInGiB") or 0) <= _MOST_STORAGE_GIB:
        # Only the range is documented (API reference, EphemeralStorage).
        yield f"EphemeralStorage must be between {_LEAST_STORAGE_GIB} and {_MOST_STORAGE_GIB} GiB."
    size = len(json.dumps(request, separators=(",", ":"), ensure_ascii=False, default=str).encode())
    if size > _MOST_BYTES:
        yield f"Actual length: '{size}'. Max allowed length is '{_MOST_BYTES}' bytes."


def _of_roles(request: emulator.Record, containers: list[emulator.Record]) -> Iterator[str]:
    task, execution = request.get("taskRoleArn"), request.get("executionRoleArn")
    # The API takes the name of a task's role as well. aws-modern-application-workshop #9, fabfuel/ecs-deploy #231
    if (task is not None and not (_ROLE_NAME.fullmatch(task) or _ROLE.fullmatch(task))) or (
        execution and not _ROLE.fullmatch(execution)
    ):
        yield "Role is not valid"
    if not execution and any(container.get("secrets") for container in containers):
        yield "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    if not execution and any(container.get("repositoryCredentials") for container in containers):
        yield (  # sil-org/ecs-deploy #188
            "Private repository authentication requires that the task definition specify a value for executionRoleArn."
        )


def _dependencies(containers: list[emulator.Record]) -> Iterator[str]:
    """The first two texts are those that hako #99 and boto3 #2436 quote."""
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
    except CycleError:  # worded as that of links is (Shippable/support #4194)
        yield "Container dependencies should not have a cycle"


def _of_fargate(request: emulator.Record, containers: list[emulator.Record]) -> Iterator[str]:
    if request.get("networkMode") != "awsvpc":
        yield "Fargate only supports network mode 'awsvpc'."
    for name in ("cpu", "memory"):
        if not request.get(name):
            yield f"Fargate requires that '{name}' be defined at the task level."
    cpu, memory = str(request["cpu"]), str(request["memory"])
    if not (cpu.isdecimal() and memory.isdecimal() and int(memory) in FARGATE_MEMORY_MIB.get(int(cpu), ())):
        yield "No Fargate configuration exists for given values."
    yield from broken_task_rules(request, containers)
    for container in containers:
        yield from broken_fargate_rules(request, container)
        if not request.get("executionRoleArn"):
            yield from _without_execution_role(container)


def _without_execution_role(container: emulator.Record) -> Iterator[str]:
    for what, needed in (
        ("log driver awslogs", (container.get("logConfiguration") or {}).get("logDriver") == "awslogs"),
        ("ECR images", is_own(container["image"])),
    ):
        if needed:
            yield f"Fargate requires task definition to have execution role ARN to support {what}."
