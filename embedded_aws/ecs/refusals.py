"""Requests that ECS refuses and the emulator accepts: services and clusters, with AWS's messages."""

import json
from http import HTTPStatus
from typing import Any

from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.ecs import emulator
from embedded_aws.ecs.definition_refusals import check_task_definition, task_size
from embedded_aws.ecs.emulator import invalid, refusal
from embedded_aws.ecs.service_refusals import (
    active_definition,
    check_deployment,
    check_network,
    check_new_service,
    check_strategy,
)

# UpdateService accepts under CODE_DEPLOY: desired count, deployment configuration, grace period, tags and ECS Exec
# (API reference, UpdateService); users of the API reported each message.
_FIXED_UNDER_CODE_DEPLOY = (
    ("taskDefinition", "Unable to update task definition"),
    ("loadBalancers", "Unable to update load balancers"),
    ("networkConfiguration", "Unable to update network parameters"),
    ("platformVersion", "Unable to update platform version"),
    ("capacityProviderStrategy", "Unable to update capacity provider strategy"),
    ("forceNewDeployment", "Cannot force a new deployment"),
)


def install() -> None:
    """Add the refusals to the API and to the emulator's internal calls."""
    emulator.task_definition_key.wrap(_newest_active)
    emulator.wrap_action("RegisterTaskDefinition", _register_task_definition)
    emulator.wrap_action("CreateService", _create_service)
    emulator.wrap_action("UpdateService", _update_service)
    emulator.wrap_action("DeleteCluster", _delete_cluster)
    emulator.wrap_action("PutClusterCapacityProviders", _put_capacity_providers)
    emulator.wrap_action("ExecuteCommand", _execute_command)
    emulator.wrap_action("DeleteTaskDefinitions", _delete_task_definitions)
    emulator.wrap_action("ListTaskDefinitions", _list_task_definitions)


def _delete_task_definitions(original: Original, request: emulator.Record) -> Response:
    """Delete inactive task definitions only (API reference, DeleteTaskDefinitions)."""
    named: list[str] = request.get("taskDefinitions") or []
    active = [it for it in named if (emulator.find_task_definition(it) or {}).get("status") == "ACTIVE"]
    status, headers, body = original(request | {"taskDefinitions": [it for it in named if it not in active]})
    content = json.loads(body)
    reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
    content["failures"] += [{"arn": it, "reason": reason} for it in active]
    return status, headers, json.dumps(content).encode()


def _list_task_definitions(original: Original, request: emulator.Record) -> Response:
    """List the task definitions of one family; the emulator lists all families with this prefix."""
    status, headers, body = original(request)
    if not (family := request.get("familyPrefix")) or status != HTTPStatus.OK:
        return status, headers, body
    content = json.loads(body)
    content["taskDefinitionArns"] = [
        arn for arn in content["taskDefinitionArns"] if arn.rpartition("/")[2].rpartition(":")[0] == family
    ]
    return status, headers, json.dumps(content).encode()


def _newest_active(original: Function, reference: str) -> Any:
    """The key of a task definition; a family alone means its newest ACTIVE revision (API reference, RunTask)."""
    key = original(reference)
    family = str(key or "").rpartition(":")[0]
    if family and not str(reference).endswith(str(key)):
        known = emulator.task_definitions.values()
        numbers = [it["revision"] for it in known if (it["family"], it["status"]) == (family, "ACTIVE")]
        return f"{family}:{max(numbers)}" if numbers else key
    return key


def check_update(service: emulator.Record, request: emulator.Record) -> None:
    """Refuse changes by UpdateService that only CodeDeploy may make to a service under CODE_DEPLOY."""
    if not emulator.is_code_deploy(service):
        return
    for name, text in _FIXED_UNDER_CODE_DEPLOY:
        if request.get(name):
            raise invalid(
                f"{text} on services with a CODE_DEPLOY deployment controller. "
                "Use AWS CodeDeploy to trigger a new deployment."
            )


def check_cluster_is_empty(name: str) -> None:
    """Refuse to delete a cluster that has services or tasks."""
    services = [key for key, service in emulator.services.items() if service["status"] in {"ACTIVE", "DRAINING"}]
    if any(key.startswith(f"{name}/") for key in services):
        raise refusal("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    running = [task for task in emulator.tasks.values() if task["lastStatus"] in emulator.LIVE_STATES]
    if any(emulator.cluster_name(task["clusterArn"]) == name for task in running):
        raise refusal("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")


def _execute_command(original: Original, request: emulator.Record) -> Response:
    """Refuse sessions: a task must be started with ECS Exec, and no task here has the agent that a session needs.

    Source: ECS API reference, ExecuteCommand; users quote these messages (aws-cli #6562).
    """
    task = emulator.tasks.get(request.get("task", "")) or next(
        (it for arn, it in emulator.tasks.items() if arn.endswith(f"/{request.get('task')}")), None
    )
    if task is None or task["lastStatus"] not in emulator.LIVE_STATES:
        return original(request)
    if task.get("enableExecuteCommand"):
        message = "The execute command failed due to an internal error. Try again later."
        raise refusal("TargetNotConnectedException", message)
    raise invalid(
        "The execute command failed because execute command was not enabled when the task was run or the execute "
        "command agent isn’t running. Wait and try again or run a new task with execute command enabled and try "  # noqa: RUF001 - AWS's
        "again."
    )


def _register_task_definition(original: Function, request: emulator.Record) -> Any:
    request = request | task_size(request)
    check_task_definition(request)
    # ECS adds these empty lists to every container; the emulator adds other ones.
    written: emulator.Record = {"mountPoints": [], "volumesFrom": []}
    containers = [written | container for container in request.get("containerDefinitions", [])]
    return original(request | {"containerDefinitions": containers})


def _create_service(original: Original, request: emulator.Record) -> Response:
    check_new_service(request)
    return original(request)


def _update_service(original: Original, request: emulator.Record) -> Response:
    service = emulator.find_service(request.get("cluster"), request.get("service", ""))
    if service is None:
        raise refusal("ServiceNotFoundException", "Service not found.")
    if service["status"] != "ACTIVE":
        raise refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    check_update(service, request)
    check_deployment(request, service)
    if request.get("taskDefinition"):
        active_definition(request)
    if request.get("networkConfiguration"):
        check_network(request["networkConfiguration"])
    check_strategy(request.get("cluster"), request)
    events = list(service["events"])
    answer = original(request)
    if emulator.is_code_deploy(service):
        # After any change, the emulator reports one draining task; the scheduler reports the real events.
        drained = [event for event in service["events"] if event not in events and "on 1 tasks" in event["message"]]
        service["events"] = [event for event in service["events"] if event not in drained[-1:]]
    return answer


def _put_capacity_providers(original: Original, request: emulator.Record) -> Response:
    check_strategy(request.get("cluster"), request)
    name = emulator.cluster_name(request.get("cluster"))
    running = [it for key, it in emulator.services.items() if key.startswith(f"{name}/") and it["status"] != "INACTIVE"]
    used = {entry["capacityProvider"] for it in running for entry in it.get("capacityProviderStrategy") or []}
    if used - set(request.get("capacityProviders") or []):  # cdk-fargate-patterns #71
        raise refusal("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
    return original(request)


def _delete_cluster(original: Function, request: emulator.Record) -> Any:
    name = emulator.cluster_name(request.get("cluster"))
    if name is not None and name in emulator.clusters:
        check_cluster_is_empty(name)
    return original(request)
