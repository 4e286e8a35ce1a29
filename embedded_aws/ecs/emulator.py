"""The parts of the emulator's ECS that are used here, under plain names (see ``EmulatorFunction``)."""

from functools import partial
from typing import Any

from ministack.services import ecs

from embedded_aws.core.patching import EmulatorFunction, Function, Response, wrap
from embedded_aws.core.refusal import Refusal, answering, json_call

clusters = ecs._clusters
services = ecs._services
task_definitions = ecs._task_defs
tasks = ecs._tasks
ImagePullError = ecs._ImagePullError
SecretResolutionError = ecs._SecretResolutionError
tags = ecs._tags

# The name of a request's cluster; None where the reference is to another account or region.
cluster_name = EmulatorFunction[str | None](ecs, "_resolve_cluster_name")
task_address = EmulatorFunction[str | None](ecs, "_task_ip")  # its private address
attach_container = EmulatorFunction[None](ecs, "_attach_started_container")
fail_task_start = EmulatorFunction[Any](ecs, "_fail_task_start")
# Creates the log stream of a container; returns false where the log group is missing.
ensure_log_stream = EmulatorFunction[bool](ecs, "_ensure_awslogs_stream")
forward_log = EmulatorFunction[None](ecs, "_forward_awslogs")
put_log_line = EmulatorFunction[None](ecs, "_emit_awslogs_event")
json_response = EmulatorFunction[Response](ecs, "json_response")
mark_stopped_if_ended = EmulatorFunction[Any](ecs, "_maybe_mark_stopped")
mark_task_stopped = EmulatorFunction[bool](ecs, "_mark_task_stopped")
reconcile_tasks = EmulatorFunction[None](ecs, "_reconcile_service_tasks")
record_address = EmulatorFunction[None](ecs, "_record_task_ip")
record_task_failure = EmulatorFunction[None](ecs, "_record_service_task_failure")
resolve_secrets = EmulatorFunction[Any](ecs, "_resolve_container_secrets")
run_options = EmulatorFunction[dict[str, Any]](ecs, "_build_run_kwargs")
schedule_completion = EmulatorFunction[None](ecs, "_schedule_service_deployment_completion")
start_task_worker = EmulatorFunction[Any](ecs, "_start_task_worker")
sync_targets = EmulatorFunction[None](ecs, "_sync_service_targets")
task_definition_key = EmulatorFunction[str | None](ecs, "_resolve_td_key")
watch_task = EmulatorFunction[None](ecs, "_watch_task_lifecycle")

Record = dict[str, Any]

LIVE_STATES = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")
SERVICE = "Ecs"

refusal = partial(Refusal, SERVICE)
invalid = partial(refusal, "InvalidParameterException")


def call(action: str, request: Record) -> Record:
    """Call an API action of this service in this process. Raises Refusal: the service refuses it."""
    return json_call(SERVICE, ecs._ACTION_MAP[action], request)


def add_action(action: str, handler: Function) -> None:
    """Add an API action that the emulator lacks; the handler gets the request."""
    ecs._ACTION_MAP.setdefault(action, handler)


def wrap_action(action: str, wrapper: Function) -> None:
    """Wrap the handler of an API action, for the API and for callers in the emulator; it may raise a refusal."""
    function = ecs._ACTION_MAP[action].__name__
    wrap(ecs, function, answering(wrapper))
    ecs._ACTION_MAP[action] = getattr(ecs, function)


def use_runtime(runtime: object) -> None:
    """Set the runtime that runs the containers instead of Docker."""
    ecs._docker = runtime


def service_key(task: Record) -> str:
    """The key of a task's service in the store of services."""
    return f"{cluster_name(task['clusterArn'])}/{task.get('group', '').removeprefix('service:')}"


def find_service(cluster: str | None, service: str) -> Record | None:
    """Find the service of a request; None where there is none."""
    resolved = ecs._resolve_service_ref(service)
    found: Record | None = services.get(f"{cluster_name(cluster)}/{resolved[0]}") if resolved else None
    return found


def find_task_definition(reference: str) -> Record | None:
    """Find a task definition by ARN, family or ``family:revision``."""
    found: Record | None = task_definitions.get(task_definition_key(reference))
    return found


def mark_stopped(task: Record, reason: str) -> bool:
    """Remove a task from its service and its target groups; return whether it was still there.

    Its container runs until ``clean_up``.
    """
    return bool(ecs._mark_task_stopped(task["taskArn"], task, reason, "ServiceSchedulerInitiated", exit_code=0))


def clean_up(task: Record) -> None:
    """End the container of a stopped task after its last requests."""
    ecs._cleanup_task_resources(task, ecs._get_docker())


def refresh_service(key: str) -> None:
    """Update the task counts of a service and its targets in the target groups."""
    cluster, _, name = key.partition("/")
    ecs._refresh_service_state(cluster, f"service:{name}")
    ecs._recount_cluster(cluster)


def is_code_deploy(service: Record) -> bool:
    """Whether the service's deployment controller is CODE_DEPLOY."""
    return bool((service.get("deploymentController") or {}).get("type") == "CODE_DEPLOY")
