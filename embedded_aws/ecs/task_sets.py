"""Task sets: the parts of a service under CODE_DEPLOY, one for each running version."""

import math
import secrets
import time
from datetime import UTC, datetime, timedelta

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.ecs import emulator
from embedded_aws.load_balancer import emulator as load_balancer

_STOPPED_TASKS_KEPT = timedelta(hours=1)


def placement_of(service: emulator.Record) -> emulator.Record:
    """The network and launch settings of a service at its creation, in the fields of a task set."""
    return {
        "launchType": service.get("launchType"),
        "capacityProviderStrategy": service.get("capacityProviderStrategy") or None,
        "platformVersion": service.get("platformVersion") or "LATEST",
        "networkConfiguration": service.get("networkConfiguration") or {},
    }


def new_task_set(
    service: emulator.Record,
    *,
    task_definition: str,
    load_balancers: list[emulator.Record],
    status: str,
    placement: emulator.Record,
    external_id: str | None = None,
) -> emulator.Record:
    """Create the record of a task set for the scheduler to fill; ``external_id`` is the id of its deployment."""
    identifier = f"ecs-svc/{secrets.randbelow(9 * 10**18) + 10**18}"
    now = time.time()
    prefix, _, cluster_and_service = service["serviceArn"].partition(":service/")
    return {
        "id": identifier,
        "taskSetArn": f"{prefix}:task-set/{cluster_and_service}/{identifier}",
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "startedBy": "CODE_DEPLOY" if external_id else None,
        "externalId": external_id,
        "status": status,
        "taskDefinition": task_definition,
        "computedDesiredCount": service["desiredCount"],
        "pendingCount": 0,
        "runningCount": 0,
        "createdAt": now,
        "updatedAt": now,
        **placement,
        "loadBalancers": load_balancers,
        "serviceRegistries": [],
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "stabilityStatus": "STABILIZING",
        "stabilityStatusAt": now,
        "tags": [],
    }


def ensure_primary(service: emulator.Record) -> None:
    """Create the first task set of a new service under CODE_DEPLOY; such a service has no deployments in ECS."""
    service["deployments"] = []
    if "taskSets" not in service:
        service["taskSets"] = [
            new_task_set(
                service,
                task_definition=service["taskDefinition"],
                load_balancers=service["loadBalancers"],
                status="PRIMARY",
                placement=placement_of(service),
            )
        ]


def primary_of(service: emulator.Record) -> emulator.Record | None:
    """The task set that receives production traffic."""
    return next((task_set for task_set in service.get("taskSets", []) if task_set["status"] == "PRIMARY"), None)


def find(service: emulator.Record, identifier: str | None) -> emulator.Record | None:
    """A task set of a service by its id; None also for no id."""
    return next((task_set for task_set in service.get("taskSets", []) if task_set["id"] == identifier), None)


def group_of(task_set: emulator.Record) -> str:
    """The target group of a task set under CODE_DEPLOY, which has exactly one."""
    return str(task_set["loadBalancers"][0]["targetGroupArn"])


def promote(service: emulator.Record, task_set: emulator.Record) -> None:
    """Make a task set the primary one; the service then has its task definition, target groups and capacity."""
    for other in service["taskSets"]:
        if other["status"] != "DRAINING":
            other["status"], other["updatedAt"] = "ACTIVE", time.time()
    task_set["status"] = "PRIMARY"
    service["taskDefinition"] = task_set["taskDefinition"]
    service["loadBalancers"] = task_set["loadBalancers"]
    service["launchType"] = task_set["launchType"]
    service["capacityProviderStrategy"] = task_set["capacityProviderStrategy"] or []


def drain(task_set: emulator.Record) -> None:
    """End a task set; its record is removed after its last task."""
    task_set["status"], task_set["updatedAt"] = "DRAINING", time.time()
    task_set["scale"] = {"value": 0.0, "unit": "PERCENT"}


def wanted_count(service: emulator.Record, task_set: emulator.Record) -> int:
    """The wanted number of tasks in a task set."""
    if task_set["status"] == "DRAINING":
        return 0
    return math.ceil(int(service["desiredCount"]) * float(task_set["scale"]["value"]) / 100)


def live_tasks(task_set: emulator.Record) -> list[emulator.Record]:
    """The tasks of a task set that are not stopped, oldest first."""
    found = [
        task
        for task in list(emulator.tasks.values())
        if task.get("_deployment_id") == task_set["id"] and task["lastStatus"] in emulator.LIVE_STATES
    ]
    return sorted(found, key=lambda task: str(task["createdAt"]))


def stopped_tasks(service: emulator.Record) -> list[emulator.Record]:
    """The stopped tasks of a service's task sets."""
    known = {task_set["id"] for task_set in service.get("taskSets", [])}
    tasks = list(emulator.tasks.values())
    return [it for it in tasks if it["lastStatus"] == "STOPPED" and it.get("_deployment_id") in known]


def forget_lost_tasks(context: ServerContext) -> None:
    """Drop the tasks that ended with the server's process, and their targets; the scheduler starts new ones."""
    with context.scope():
        for arn, task in list(emulator.tasks.items()):
            if task["lastStatus"] in emulator.LIVE_STATES or task.get("desiredStatus") == "RUNNING":
                del emulator.tasks[arn]
        for service in emulator.services.values():
            for arn, addresses in service.pop("_published_targets", {}).items():
                load_balancer.set_targets(arn, [], addresses)


def forget_old_tasks() -> None:
    """Drop tasks that stopped an hour ago, as DescribeTasks does; otherwise the records would only grow."""
    for arn, task in list(emulator.tasks.items()):
        stopped_at = task.get("stoppedAt")
        if stopped_at and datetime.now(UTC) - datetime.fromisoformat(stopped_at) > _STOPPED_TASKS_KEPT:
            emulator.tasks.pop(arn, None)


def publish_targets(service: emulator.Record) -> dict[str, tuple[int, int]]:
    """Update the targets of the task sets' target groups; return the number of added and removed ones, by group."""
    targets_by_group: dict[str, list[tuple[str, int]]] = {}
    for task_set in service.get("taskSets", []) if service["status"] == "ACTIVE" else []:
        for entry in task_set["loadBalancers"]:
            targets = targets_by_group.setdefault(entry["targetGroupArn"], [])
            targets += [
                (address, int(entry["containerPort"]))
                for task in live_tasks(task_set)
                if task["lastStatus"] == "RUNNING" and (address := emulator.task_address(task))
            ]
    ledger: dict[str, list[str]] = service.get("_published_targets", {})
    changes = {}
    for arn in ledger.keys() | targets_by_group.keys():
        before, now = set(ledger.get(arn, [])), {address for address, _ in targets_by_group.get(arn, [])}
        if before != now:
            load_balancer.set_targets(arn, targets_by_group.get(arn, []), before)
            changes[arn] = (len(now - before), len(before - now))
    service["_published_targets"] = {
        arn: [address for address, _ in targets] for arn, targets in targets_by_group.items()
    }
    return changes


def describe(request: emulator.Record) -> Response:
    """DescribeTaskSets, which the emulator lacks: CodeDeploy creates task sets, and tools read them."""
    service = emulator.find_service(request.get("cluster"), request.get("service", ""))
    if service is None:
        return emulator.refusal("ServiceNotFoundException", "Service not found.").as_json()
    wanted = request.get("taskSets") or []
    found = [one for one in service.get("taskSets", []) if not wanted or {one["id"], one["taskSetArn"]} & set(wanted)]
    known = {name for one in found for name in (one["id"], one["taskSetArn"])}
    shown = [{key: value for key, value in one.items() if value is not None and key[0] != "_"} for one in found]
    failures = [{"arn": name, "reason": "MISSING"} for name in wanted if name not in known]
    return emulator.json_response({"taskSets": shown, "failures": failures})
