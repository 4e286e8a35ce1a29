"""Transitional states of an instance: ``stopping``, ``starting``, ``deleting``, ``modifying``.

The operation answers with such a state at once and continues in the background, as in RDS; a caller that does not wait
for the next state is refused (RDS user guide, "Viewing DB instance status"). The request is in the record, so that a
restart of the embedded AWS completes it.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from ministack.core.concurrency import spawn_background

from embedded_aws.core.context import ServerContext
from embedded_aws.core.emulator import scope
from embedded_aws.core.faults import Kind
from embedded_aws.core.patching import Response
from embedded_aws.core.refusal import query_call
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record, Request, instance_response, parameter

logger = logging.getLogger("embedded_aws.database")

# In the record of an instance in deletion: the request.
_DELETION: Final = "_deletion"
_REQUEST: Final = ("DBInstanceIdentifier", "FinalDBSnapshotIdentifier", "SkipFinalSnapshot", "DeleteAutomatedBackups")
_POLL_SECONDS: Final = 0.05
# The kind of fault that keeps an instance in a state.
_HELD_BY: Final[dict[str, Kind]] = {
    "backing-up": "backup_takes",
    "deleting": "deletion_takes",
    "modifying": "modifying_takes",
    "renaming": "rename_takes",
    "resetting-master-credentials": "modifying_takes",
    "starting": "starting_takes",
    "stopping": "stopping_takes",
    "storage-optimization": "modifying_takes",
}


def in_background(record: Record, status: str, work: Callable[[], None], context: ServerContext) -> None:
    """Set a transitional state, and call ``work`` in the background as soon as no fault keeps the instance in it.

    An exception of ``work`` makes the instance ``failed``, unless ``work`` has made it ``available`` again.
    """
    record["DBInstanceStatus"] = status
    name = record["DBInstanceIdentifier"]

    def go_on() -> None:
        try:
            wait_while_held(record, context)
            work()
        except Exception:
            # No caller waits for this thread, so the instance's status must show the error.
            logger.exception("%s: %s", status, name)
            if record["DBInstanceStatus"] != "available":
                record["DBInstanceStatus"] = "failed"
        context.changed()

    spawn_background(go_on, thread_name=f"{status}-{name}")


def wait_while_held(record: Record, context: ServerContext) -> None:
    """Wait until no fault keeps an instance in its state."""
    while _is_held(record, record["DBInstanceStatus"], context):
        time.sleep(_POLL_SECONDS)


def wait_in(record: Record, status: str, context: ServerContext) -> None:
    """Keep an instance in a state, and the caller waiting, while a fault requires it."""
    if _is_held(record, status, context):
        record["DBInstanceStatus"] = status
        wait_while_held(record, context)


def _is_held(record: Record, status: str, context: ServerContext) -> bool:
    kind = _HELD_BY.get(status)
    return kind is not None and context.faults.find(kind, record["DBInstanceIdentifier"]) is not None


def answer_then_finish(
    action: str, record: Record, status: str, work: Callable[[], None], context: ServerContext
) -> Response:
    """Answer an operation with a transitional state, and do the work `in_background`."""
    record["DBInstanceStatus"] = status
    answer = instance_response(action, record)
    in_background(record, status, work, context)
    return answer


def begin_deletion(record: Record, request: Request, context: ServerContext) -> Response:
    """Begin a deletion whose checks have passed."""
    kept = {name: value for name in _REQUEST if (value := parameter(request, name))}
    record[_DELETION] = kept
    return answer_then_finish("DeleteDBInstance", record, "deleting", lambda: _finish(record), context)


def hold_for_fault(record: Record, status: str, context: ServerContext) -> None:
    """Keep an instance in a state while a fault requires it; without a fault, the state is skipped.

    RDS answers ModifyDBInstance with the previous state, and lists the instance in the new one soon after.
    """
    before = record["DBInstanceStatus"]

    def end() -> None:
        if record["DBInstanceStatus"] == status:
            record["DBInstanceStatus"] = before

    if _is_held(record, status, context):
        in_background(record, status, end, context)


def resume_deletion(record: Record, account: str, region: str, context: ServerContext) -> bool:
    """Continue the deletion of an instance that a restart interrupted; return whether there was one."""
    if _DELETION not in record:
        return False

    def go_on() -> None:
        # The emulator's stores depend on the account and region of a request, and here is no request.
        with scope(account, region):
            _skip_complete_snapshot(record)
            _finish(record)

    in_background(record, "deleting", go_on, context)
    return True


def _skip_complete_snapshot(record: Record) -> None:
    """Request no final snapshot if it was complete before the restart; RDS would refuse its name as used."""
    request = record[_DELETION]
    snapshot = emulator.snapshots.get(request.get("FinalDBSnapshotIdentifier", ""))
    if snapshot and snapshot["DbiResourceId"] == record["DbiResourceId"]:
        others = {name: value for name, value in request.items() if name != "FinalDBSnapshotIdentifier"}
        record[_DELETION] = others | {"SkipFinalSnapshot": "true"}


def _finish(record: Record) -> None:
    try:
        query_call("Rds", emulator.delete_instance, record[_DELETION])
    except Exception:
        del record[_DELETION]  # it failed, as on a full disk: no later start may delete the instance
        raise
