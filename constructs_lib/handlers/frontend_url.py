"""Custom resource: the frontend's address, which is known only after the service has been made.

Writes it to a parameter that tasks read when they start. Tasks that started before that hold another address: they are
stopped, and ECS starts others. Deleting the resource changes nothing.
"""

import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import boto3
import cfnresponse

POLL_SECONDS = 5
RESERVE_MILLISECONDS = 30_000  # enough to answer CloudFormation before Lambda ends the call
REASON = "The address of the frontend has changed since this task started"


def write(name: str, value: str, ssm: Any) -> datetime:
    """Write the address unless it is there, and say since when it has been."""
    current = ssm.get_parameter(Name=name)["Parameter"]
    if current["Value"] != value:
        ssm.put_parameter(Name=name, Value=value, Overwrite=True)
        current = ssm.get_parameter(Name=name)["Parameter"]
    since: datetime = current["LastModifiedDate"]
    return since


def tasks(cluster: str, service: str, ecs: Any) -> list[dict[str, Any]]:
    """The tasks of the service that shall run."""
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster=cluster, serviceName=service, PaginationConfig={"PageSize": 100}
    )
    return [
        task
        for page in pages
        if page["taskArns"]
        for task in ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
    ]


def replace(
    cluster: str,
    service: str,
    since: datetime,
    remaining_milliseconds: Callable[[], int],
    ecs: Any,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Stop the tasks that started before a time, and wait for as many healthy ones."""
    old = [task["taskArn"] for task in tasks(cluster, service, ecs) if task["createdAt"] < since]
    for arn in old:
        print(f"stopping {arn}")
        ecs.stop_task(cluster=cluster, task=arn, reason=REASON)
    while remaining_milliseconds() > RESERVE_MILLISECONDS:
        healthy = [
            task
            for task in tasks(cluster, service, ecs)
            if task["taskArn"] not in old and task.get("healthStatus") == "HEALTHY"
        ]
        if len(healthy) >= len(old):
            return
        sleep(POLL_SECONDS)
    print("the new tasks are not healthy yet; the address is written all the same")


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point.

    Every way out answers CloudFormation, which would wait for an hour otherwise, and none raises: Lambda repeats an
    asynchronous call that failed.
    """
    properties = event["ResourceProperties"]
    name = properties["Parameter"]
    try:
        if event["RequestType"] != "Delete":
            since = write(name, properties["Address"], boto3.client("ssm"))
            place = properties["Cluster"], properties["Service"]
            replace(*place, since, context.get_remaining_time_in_millis, boto3.client("ecs"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the stack's events shall show it
        traceback.print_exc()
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, name, reason=f"{type(error).__name__}: {error}")
        return
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, name)
