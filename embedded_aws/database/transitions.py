"""States that an instance passes through while a caller waits: ``stopping``, ``starting``, ``deleting``, ``modifying``.

The operation answers with such a state at once and goes on behind it, as RDS does; a caller that does not wait for the
next state is refused (RDS user guide, "Viewing DB instance status"). What was asked for is in the record, so that a
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
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record, Request, instance_response, parameter

logger = logging.getLogger("embedded_aws.database")

# In the record of an instance that is being deleted: the request.
_DELETION: Final = "_deletion"
_REQUEST: Final = ("DBInstanceIdentifier", "FinalDBSnapshotIdentifier", "SkipFinalSnapshot", "DeleteAutomatedBackups")
_POLL_SECONDS: Final = 0.05


def in_background(
    record: Record, status: str, work: Callable[[], None], context: ServerContext, held_by: Kind | None = None
) -> None:
    """Put an instance into a passing state, and go on behind the answer.

    Args:
        work: ends in another state; what it raises makes the instance ``failed``.
        context: the server, which is told when it is over.
        held_by: the kind of fault that may hold the state.
    """
    record["DBInstanceStatus"] = status
    name = record["DBInstanceIdentifier"]

    def go_on() -> None:
        try:
            if held_by:
                wait_for_fault(context, held_by, name)
            work()
        except Exception:
            # Nobody waits for this thread: who asks for the instance's status must learn of it.
            logger.exception("%s: %s", status, name)
            record["DBInstanceStatus"] = "failed"
        context.changed()

    spawn_background(go_on, thread_name=f"{status}-{name}")


def wait_for_fault(context: ServerContext, kind: Kind, name: str) -> None:
    """Wait until no fault of a kind holds an instance any more."""
    while context.faults.find(kind, name):
        time.sleep(_POLL_SECONDS)


def answer_then_finish(
    action: str, record: Record, status: str, work: Callable[[], None], context: ServerContext, held_by: Kind
) -> Response:
    """Answer an operation with a passing state, and do the work `in_background`."""
    record["DBInstanceStatus"] = status
    answer = instance_response(action, record)
    in_background(record, status, work, context, held_by)
    return answer


def begin_deletion(record: Record, request: Request, context: ServerContext) -> Response:
    """Begin a deletion that was checked."""
    kept = {name: value for name in _REQUEST if (value := parameter(request, name))}
    record[_DELETION] = kept
    return answer_then_finish("DeleteDBInstance", record, "deleting", lambda: _finish(kept), context, "deletion_takes")


def hold_for_fault(record: Record, status: str, context: ServerContext, held_by: Kind) -> None:
    """Have an instance stay in a state for as long as a fault says; without one it passes at once.

    RDS answers ModifyDBInstance with the state of before, and lists the instance in this one soon after.
    """
    before = record["DBInstanceStatus"]

    def end() -> None:
        if record["DBInstanceStatus"] == status:
            record["DBInstanceStatus"] = before

    if context.faults.find(held_by, record["DBInstanceIdentifier"]):
        in_background(record, status, end, context, held_by)


def resume_deletion(record: Record, account: str, region: str, context: ServerContext) -> bool:
    """Go on with the deletion of an instance that a restart interrupted, and say whether there was one."""
    if (request := record.get(_DELETION)) is None:
        return False

    def go_on() -> None:
        # The emulator's stores are those of the account and region of a request, which this is not.
        with scope(account, region):
            _finish(request)

    in_background(record, "deleting", go_on, context)
    return True


def _finish(request: dict[str, str]) -> None:
    emulator.delete_instance(request)
