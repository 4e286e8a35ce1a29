"""Custom resource: which snapshot a new database is restored from. Answers once, at its creation.

The physical id carries the answer, so that an update gives the same one: a changed DBSnapshotIdentifier would
replace the running database.
"""

import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import cfnresponse

PREFIX = "restore-from:"
POLL_SECONDS = 5
RESERVE_MILLISECONDS = 30_000  # enough to answer CloudFormation before Lambda ends the call


class NotUsableError(Exception):
    """The newest snapshot cannot be restored; the message goes to the stack's events."""


def find(
    database: str, remaining_milliseconds: Callable[[], int], rds: Any, sleep: Callable[[float], None] = time.sleep
) -> str:
    """The newest manual snapshot's id, or "" if there is none. Waits for one that is still being made.

    After `cdk destroy --express` a database may still be there, and its final snapshot not listed yet. So its end is
    waited for before snapshots are asked for.
    """

    def wait(what: str, until: str) -> None:
        if remaining_milliseconds() < RESERVE_MILLISECONDS:
            raise NotUsableError(f"{what}. Deploy again when it is {until}.")
        sleep(POLL_SECONDS)

    while status := _status_of_instance(database, rds):
        if status != "deleting":
            raise NotUsableError(
                f"The database {database} still exists, and it is {status}. Its data is in no final snapshot, so that "
                "another one would begin without it. Delete it with a final snapshot, or import it, and deploy again."
            )
        wait(f"The database {database} is still being deleted", "gone")
    while newest := _newest(database, rds):
        name, status = str(newest["DBSnapshotIdentifier"]), newest["Status"]
        if status == "available":
            return name
        if status != "creating":
            raise NotUsableError(
                f"The newest snapshot of {database} is {name}, and it is {status}. An older one is not used, because "
                f"that would lose data. If you want it all the same, delete {name} and deploy again."
            )
        wait(f"Snapshot {name} is still being created", "available")
    return ""


def _newest(database: str, rds: Any) -> dict[str, Any] | None:
    pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=database, SnapshotType="manual")
    snapshots = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    # One that has only just been ordered has no time yet.
    return max(snapshots, key=lambda s: s.get("SnapshotCreateTime", datetime.max.replace(tzinfo=UTC)), default=None)


def _status_of_instance(database: str, rds: Any) -> str:
    """Of the instance itself; "" if there is none."""
    try:
        found = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    except rds.exceptions.DBInstanceNotFoundFault:
        return ""
    return str(found[0]["DBInstanceStatus"]) if found else ""


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point.

    Every way out answers CloudFormation, which would wait for an hour otherwise, and none raises: Lambda repeats an
    asynchronous call that failed.
    """
    physical_id = event.get("PhysicalResourceId", PREFIX)
    try:
        if event["RequestType"] == "Create":
            database = event["ResourceProperties"]["DatabaseIdentifier"]
            physical_id = PREFIX + find(database, context.get_remaining_time_in_millis, boto3.client("rds"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the stack's events shall show it
        traceback.print_exc()
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, physical_id, reason=f"{type(error).__name__}: {error}")
        return
    answer = {"SnapshotIdentifier": physical_id.removeprefix(PREFIX)}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, answer, physical_id)
