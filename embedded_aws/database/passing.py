"""States that an instance passes through while a caller waits: ``stopping``, ``starting``, ``deleting``, ``modifying``.

The operation answers with such a state at once and goes on behind it, as RDS does; a caller that does not wait for the
next state is refused (RDS user guide, "Viewing DB instance status"). What was asked for is in the record, so that a
restart of the embedded AWS completes it.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from ministack.core import responses
from ministack.core.concurrency import spawn_background

from embedded_aws.core.faults import Faults, Kind
from embedded_aws.core.patching import Response
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record, Request, instance_response, parameter

logger = logging.getLogger("embedded_aws.database")

# In the record of an instance that is being deleted: the request.
_DELETION: Final = "_deletion"
_REQUEST: Final = ("DBInstanceIdentifier", "FinalDBSnapshotIdentifier", "SkipFinalSnapshot", "DeleteAutomatedBackups")
_POLL_SECONDS: Final = 0.05


def pass_through(
    action: str, record: Record, status: str, work: Callable[[], None], faults: Faults, held_by: Kind
) -> Response:
    """Answer with a passing state, and do the work behind it.

    Args:
        action: the operation that is answered.
        record: of the instance.
        status: the passing state.
        work: ends in another state; what it raises makes the instance ``failed``.
        faults: may hold it.
        held_by: the kind of fault that does.
    """
    record["DBInstanceStatus"] = status
    answer = instance_response(action, record)
    name = record["DBInstanceIdentifier"]

    def go_on() -> None:
        while faults.find(held_by, name):
            time.sleep(_POLL_SECONDS)
        try:
            work()
        except Exception:
            # Nobody waits for this thread: who asks for the instance's status must learn of it.
            logger.exception("%s: %s", status, name)
            record["DBInstanceStatus"] = "failed"

    spawn_background(go_on, thread_name=f"{status}-{name}")
    return answer


def delete(record: Record, request: Request, faults: Faults) -> Response:
    """Begin a deletion that was checked."""
    record[_DELETION] = {name: value for name in _REQUEST if (value := parameter(request, name))}
    return pass_through(
        "DeleteDBInstance", record, "deleting", lambda: _finish(record[_DELETION]), faults, "deletion_takes"
    )


def stay_modified(record: Record, status: str, faults: Faults, changed: Callable[[], None]) -> None:
    """Have an instance that was changed stay in a state for as long as a fault says; without one it passes at once.

    RDS answers ModifyDBInstance with the state of before, and lists the instance in this one soon after.

    Args:
        record: of the instance.
        status: ``modifying`` or ``resetting-master-credentials``.
        faults: may hold it.
        changed: called when it is over.
    """
    name, before = record["DBInstanceIdentifier"], record["DBInstanceStatus"]
    if not faults.find("modifying_takes", name):
        return
    record["DBInstanceStatus"] = status

    def go_on() -> None:
        while faults.find("modifying_takes", name):
            time.sleep(_POLL_SECONDS)
        record["DBInstanceStatus"] = before
        changed()

    spawn_background(go_on, thread_name=f"{status}-{name}")


def complete(record: Record, account: str, region: str) -> bool:
    """Go on with the deletion of an instance that a restart interrupted, and say whether there was one."""
    request = record.get(_DELETION)
    if request is None:
        return False
    record["DBInstanceStatus"] = "deleting"

    def go_on() -> None:
        # The emulator's stores are those of the account and region of a request, which this is not.
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        _finish(request)

    spawn_background(go_on, thread_name=f"deleting-{record['DBInstanceIdentifier']}")
    return True


def _finish(request: dict[str, str]) -> None:
    emulator.delete_instance(request)
