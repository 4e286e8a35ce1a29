"""Events of ECS: of services, with the scheduler's messages, and of stopped tasks, for EventBridge."""

import json
import time
from typing import Final
from uuid import uuid4

from embedded_aws import eventbridge
from embedded_aws.ecs import emulator

_KEPT = 100  # DescribeServices returns the newest 100
# The fields about a stopped task's reason, of the event (Amazon ECS developer guide, "Task state change events").
_OF_TASK: Final = (
    *("availabilityZone", "clusterArn", "desiredStatus", "group", "lastStatus", "launchType", "startedBy"),
    *("stopCode", "stoppedReason", "taskArn", "taskDefinitionArn"),
)
_OF_CONTAINER: Final = ("exitCode", "image", "imageDigest", "lastStatus", "name", "reason")


def add(service: emulator.Record, text: str, task_set: emulator.Record | None = None) -> None:
    """Add an event; ``text`` follows the names of service and task set."""
    source = f"service {service['serviceName']}" + (f", taskSet {task_set['id']}" if task_set else "")
    event = {"id": str(uuid4()), "createdAt": time.time(), "message": f"({source}) {text}"}
    service["events"] = [event, *service.get("events", [])][:_KEPT]


def task_list(tasks: list[emulator.Record]) -> str:
    """List tasks in the form of events."""
    return " ".join(f"(task {task['taskArn'].rpartition('/')[2]})" for task in tasks)


def put_stopped_event(task: emulator.Record) -> None:
    """Send EventBridge the event of a stopped task, with the reason."""
    containers = [
        {key: container[key] for key in _OF_CONTAINER if container.get(key) is not None}
        for container in task.get("containers", [])
    ]
    detail = {key: task[key] for key in _OF_TASK if task.get(key) is not None} | {"containers": containers}
    eventbridge.put_service_event("aws.ecs", "ECS Task State Change", json.dumps(detail), [task["taskArn"]])
