"""What RegisterTaskDefinition refuses because a container runs in a network of its own, or on Fargate.

Sources: ECS developer guide, "Task definition differences for Fargate", but for ``tmpfs`` (see `constructs_lib`); the
sentences are those that cdk-preflight's rules of ECS quote, and cn-terraform/terraform-aws-ecs-fargate #2.
"""

from collections.abc import Iterator
from typing import Any, Final

from embedded_aws.ecs import emulator

_NOT_ON_AWSVPC: Final = {
    "links": "Links are not supported when networkMode=awsvpc",
    "hostname": "hostname is not supported on container when networkMode=awsvpc",
    "dnsServers": "DNS servers are not supported on container when networkMode=awsvpc",
    "dnsSearchDomains": "DNS search domains are not supported on container when networkMode=awsvpc",
    "extraHosts": "Extra hosts are not supported on container when networkMode=awsvpc",
    "disableNetworking": "Disable Networking is not supported on container when networkMode=awsvpc",
}
_NOT_ON_FARGATE: Final = "Fargate compatible task definitions do not support {}"
_LINUX_PARAMETERS: Final = ("devices", "maxSwap", "sharedMemorySize", "swappiness")
_LEAST_CPU_OF_WINDOWS: Final = 1024


def broken_network_rules(container: emulator.Record) -> Iterator[str]:
    """What a container cannot have that shares its task's network interface."""
    yield from (said for name, said in _NOT_ON_AWSVPC.items() if container.get(name))
    for mapping in container.get("portMappings") or []:
        if mapping.get("hostPort", mapping.get("containerPort")) != mapping.get("containerPort"):
            yield "When networkMode=awsvpc, the host ports and container ports in port mappings must match."


def broken_task_rules(request: emulator.Record, containers: list[emulator.Record]) -> Iterator[str]:
    """What a task on Fargate cannot have."""
    if request.get("ipcMode"):
        yield "Tasks using the Fargate launch type do not support ipcMode."
    if request.get("pidMode", "task") != "task":
        yield (
            f"Tasks using the Fargate launch type do not support pidMode '{request['pidMode']}'. "
            "The supported value for pidMode is 'task'."
        )
    yield from (_NOT_ON_FARGATE.format(name) for name in _host_settings(request))
    if sum(container.get("cpu") or 0 for container in containers) > int(request["cpu"]):
        yield "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value"
    system = (request.get("runtimePlatform") or {}).get("operatingSystemFamily", "")
    if system.startswith("WINDOWS") and int(request["cpu"]) < _LEAST_CPU_OF_WINDOWS:
        yield "No Fargate configuration exists for given values."


def _host_settings(request: emulator.Record) -> Iterator[str]:
    if request.get("placementConstraints"):
        yield "constraints"
    for volume in request.get("volumes") or []:
        if (volume.get("host") or {}).get("sourcePath"):
            yield "sourcePath"
        if volume.get("dockerVolumeConfiguration"):
            yield "dockerVolumeConfiguration"


def broken_container_rules(container: emulator.Record) -> Iterator[str]:
    """What a container on Fargate cannot have, whatever its task says."""
    linux: Any = container.get("linuxParameters") or {}
    yield from (_NOT_ON_FARGATE.format(name) for name in _LINUX_PARAMETERS if linux.get(name) is not None)
    if container.get("dockerSecurityOptions"):
        yield _NOT_ON_FARGATE.format("dockerSecurityOptions")
    if any(it.get("type") == "GPU" for it in container.get("resourceRequirements") or []):
        yield "Tasks using the Fargate launch type do not support GPU resource requirements"
    if container.get("privileged"):
        yield "Fargate requires that the 'privileged' setting be 'false'"
