"""Service events, in the words of the ECS scheduler."""

import time
from uuid import uuid4

from embedded_aws.ecs import emulator

_KEPT = 100  # DescribeServices returns the newest 100


def add(service: emulator.Record, text: str, task_set: emulator.Record | None = None) -> None:
    """Add an event: ``text`` follows the names of service and task set."""
    who = f"service {service['serviceName']}" + (f", taskSet {task_set['id']}" if task_set else "")
    event = {"id": str(uuid4()), "createdAt": time.time(), "message": f"({who}) {text}"}
    service["events"] = [event, *service.get("events", [])][:_KEPT]


def task_list(tasks: list[emulator.Record]) -> str:
    """Name tasks as events do."""
    return " ".join(f"(task {task['taskArn'].rpartition('/')[2]})" for task in tasks)
