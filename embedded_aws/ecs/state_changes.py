"""What ECS tells EventBridge: tasks that have stopped."""

import json
from typing import Final

from embedded_aws import eventbridge
from embedded_aws.ecs import emulator

# Of what the event holds (Amazon ECS developer guide, "Task state change events"), what tells why a task stopped.
_OF_TASK: Final = (
    "availabilityZone",
    "clusterArn",
    "desiredStatus",
    "group",
    "lastStatus",
    "launchType",
    "startedBy",
    "stopCode",
    "stoppedReason",
    "taskArn",
    "taskDefinitionArn",
)
_OF_CONTAINER: Final = ("exitCode", "image", "imageDigest", "lastStatus", "name", "reason")


def tell_stopped(task: emulator.Record) -> None:
    """Tell that a task has stopped, and why."""
    containers = [
        {key: container[key] for key in _OF_CONTAINER if container.get(key) is not None}
        for container in task.get("containers", [])
    ]
    detail = {key: task[key] for key in _OF_TASK if task.get(key) is not None} | {"containers": containers}
    eventbridge.tell("aws.ecs", "ECS Task State Change", json.dumps(detail), [task["taskArn"]])
