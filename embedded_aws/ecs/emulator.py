"""The names of the emulator's container service that these extensions use, in one place.

The stores are the emulator's own dictionaries, scoped by account and region; they are filled and emptied, never
replaced. Functions are looked up when they are called, because extensions wrap them.
"""

from contextlib import AbstractContextManager
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import request_scope
from ministack.services import ecs
from ministack.services.ec2 import _security_groups, _subnets
from ministack.services.ecr import _images
from ministack.services.ecs import _clusters, _services, _task_defs, _tasks

from embedded_aws.core.patching import Function, wrap
from embedded_aws.core.refusal import json_call

Record = dict[str, Any]

LIVE_STATES = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")
SERVICE = "Ecs"

module = ecs

images = _images
clusters = _clusters
services = _services
tasks = _tasks
task_definitions = _task_defs
subnets = _subnets
security_groups = _security_groups


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Read and write the stores of one account and region."""
    manager: AbstractContextManager[None] = request_scope(account, region)
    return manager


def service_lock(key: str) -> AbstractContextManager[bool]:
    """Lock one service; never held across a call that may come back into the server."""
    lock: AbstractContextManager[bool] = resource_lock("ecs-service", key)
    return lock


def call(action: str, request: Record) -> Record:
    """Call an API action of this service in this process.

    Raises:
        Refusal: the service refuses it.
    """
    return json_call(SERVICE, ecs._ACTION_MAP[action], request)  # noqa: SLF001


def wrap_action(function: str, action: str, wrapper: Function) -> None:
    """Wrap what answers an API action, for the API and for callers in the emulator alike."""
    wrap(ecs, function, wrapper)
    ecs._ACTION_MAP[action] = getattr(ecs, function)  # noqa: SLF001


def cluster_name(reference: str | None) -> str | None:
    """Name the cluster that a request means, or none where the reference is of another account or region."""
    name: str | None = ecs._resolve_cluster_name(reference or "default")  # noqa: SLF001
    return name


def service_key(cluster: str | None, service: str) -> str | None:
    """Give the key of the service that a request means, or none."""
    resolved = ecs._resolve_service_ref(service)  # noqa: SLF001
    name = cluster_name(cluster)
    if resolved is None or name is None:
        return None
    return f"{name}/{resolved[0]}"


def find_task_definition(reference: str) -> Record | None:
    """Find a task definition by ARN, family or ``family:revision``."""
    found: Record | None = task_definitions.get(ecs._resolve_td_key(reference))  # noqa: SLF001
    return found


def run_tasks(request: Record) -> None:
    """Start tasks of a service."""
    json_call(SERVICE, ecs._run_task, request)  # noqa: SLF001


def mark_stopped(task: Record, reason: str, code: str = "ServiceSchedulerInitiated") -> bool:
    """Take a task out of its service and its target groups; say whether it was still there.

    Its container goes on until ``clean_up``.
    """
    return bool(ecs._mark_task_stopped(task["taskArn"], task, reason, code, exit_code=0))  # noqa: SLF001


def clean_up(task: Record) -> None:
    """End the container of a stopped task after its last requests."""
    ecs._cleanup_task_resources(task, ecs._get_docker())  # noqa: SLF001


def refresh_service(key: str) -> None:
    """Count the tasks of a service anew and publish them in its target groups."""
    cluster, _, name = key.partition("/")
    ecs._refresh_service_state(cluster, f"service:{name}")  # noqa: SLF001
    ecs._recount_cluster(cluster)  # noqa: SLF001


def is_code_deploy(service: Record) -> bool:
    """Say whether CodeDeploy, and nobody else, changes what a service runs."""
    return bool((service.get("deploymentController") or {}).get("type") == "CODE_DEPLOY")


def task_address(task: Record) -> str | None:
    """Give the private address of a task."""
    address: str | None = ecs._task_ip(task)  # noqa: SLF001
    return address
