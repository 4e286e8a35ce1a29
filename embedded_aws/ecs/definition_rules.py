"""The rules of RegisterTaskDefinition for Fargate that our task definitions can break."""

import re

from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_rules import broken_fargate_rules, broken_rules

# CPU units and the memory in MiB that goes with them (Amazon ECS developer guide, "Task CPU and memory").
_MEMORY: dict[int, range | tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
_WITH_UNIT = {
    "cpu": re.compile(r"(\d*\.?\d+) *vcpu", re.IGNORECASE),
    "memory": re.compile(r"(\d*\.?\d+) *gb", re.IGNORECASE),
}
_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LEAST_STORAGE_GIB, _MOST_STORAGE_GIB = 21, 200
_OWN_REGISTRY = ".dkr.ecr."


def task_size(request: emulator.Record) -> emulator.Record:
    """CPU and memory in units and MiB, where they are given as ``1 vCPU`` and ``2 GB`` (RegisterTaskDefinition)."""
    found = {name: pattern.fullmatch(str(request.get(name))) for name, pattern in _WITH_UNIT.items()}
    return {name: str(round(float(it[1]) * 1024)) for name, it in found.items() if it}


def check_task_definition(request: emulator.Record) -> None:
    """Refuse what RegisterTaskDefinition refuses.

    Raises:
        Refusal: with the message of the first rule that is broken.
    """
    check_tags(request.get("tags", []))
    if not _FAMILY.fullmatch(str(request.get("family") or "")):
        raise _refusal("Family contains invalid characters.")  # amazon-ecs-cli #37
    storage = request.get("ephemeralStorage")
    if storage and not _LEAST_STORAGE_GIB <= (storage.get("sizeInGiB") or 0) <= _MOST_STORAGE_GIB:
        # Only the range is documented (API reference, EphemeralStorage).
        raise _refusal(f"EphemeralStorage must be between {_LEAST_STORAGE_GIB} and {_MOST_STORAGE_GIB} GiB.")
    containers = request.get("containerDefinitions", [])
    if any(c.get("secrets") for c in containers) and not request.get("executionRoleArn"):
        raise _refusal(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        )
    _check_dependencies(containers)
    for rule in broken_rules(request, containers):
        raise _refusal(rule)
    for container in containers:
        if any(it["containerName"] == container.get("name") for it in container.get("dependsOn") or []):
            raise _refusal(f"Container {container['name']} cannot depend on itself.")
    if "FARGATE" in request.get("requiresCompatibilities", []):
        _check_fargate(request, containers)


def _check_dependencies(containers: list[emulator.Record]) -> None:
    """The texts are those that hako #99 and boto3 #2436 quote."""
    by_name = {container.get("name"): container for container in containers}
    for container in containers:
        for dependency in container.get("dependsOn") or []:
            name = dependency["containerName"]
            if name not in by_name:
                raise _refusal(f"Cannot depend on container + '{name}' because it does not exist")
            if dependency["condition"] in ("SUCCESS", "COMPLETE") and by_name[name].get("essential", True):
                raise _refusal(
                    "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
                )


def check_tags(tags: list[emulator.Record]) -> None:
    """Refuse tags that only AWS may give (API reference, Tag: "aws:" in any case, in keys and in values).

    Raises:
        Refusal: one of them begins so.
    """
    if any(str(text).lower().startswith("aws:") for tag in tags for text in tag.values()):
        message = "aws: prefixed tag key names are not allowed for external use."
        raise Refusal(emulator.SERVICE, "InvalidParameterException", message)


def _check_fargate(request: emulator.Record, containers: list[emulator.Record]) -> None:
    if request.get("networkMode") != "awsvpc":
        raise _refusal("Fargate only supports network mode 'awsvpc'.")
    for name in ("cpu", "memory"):
        if not request.get(name):
            raise _refusal(f"Fargate requires that '{name}' be defined at the task level.")
    cpu, memory = str(request["cpu"]), str(request["memory"])
    if not (cpu.isdecimal() and memory.isdecimal() and int(memory) in _MEMORY.get(int(cpu), ())):
        raise _refusal("No Fargate configuration exists for given values.")
    for container in containers:
        for rule in broken_fargate_rules(request, container):
            raise _refusal(rule)
        _check_fargate_container(container, has_execution_role=bool(request.get("executionRoleArn")))


def _check_fargate_container(container: emulator.Record, *, has_execution_role: bool) -> None:
    if container.get("privileged"):
        raise _refusal("Fargate does not support privileged containers.")
    for mapping in container.get("portMappings", []):
        if mapping.get("hostPort", mapping["containerPort"]) != mapping["containerPort"]:
            raise _refusal("When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
    if has_execution_role:
        return
    if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
        raise _refusal("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
    if _OWN_REGISTRY in container["image"]:
        raise _refusal("Fargate requires task definition to have execution role ARN to support ECR images.")


def _refusal(message: str) -> Refusal:
    return Refusal(emulator.SERVICE, "ClientException", message)
