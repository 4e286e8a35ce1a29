"""Starts a database that a pause has stopped."""

from collections.abc import Callable
from typing import Final

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_until
from ops.errors import FailedError
from ops.service.database_status import FAILED, IN_USE, STOPPED, read_database

# A small instance starts within ten minutes; RDS says no limit.
LONGEST_START: Final = 1_800.0


def start_database(aws: Aws, tell: Callable[[str], None]) -> None:
    """Start it unless it runs, and wait until it serves.

    Raises:
        FailedError: it does not start within half an hour, or another command stops it again.
    """
    name, begun = aws.names.database, False

    def started() -> bool:
        nonlocal begun
        found = read_database(aws)
        if found is None or found.status in FAILED:
            state = found.status if found else "gone"
            raise FailedError(f"{name} does not start: it is {state}", "See `hannibal doctor database`.")
        if found.status in IN_USE:
            return True
        if begun and found.status == "stopping":  # to start it again would undo what another one has asked for
            raise _stopped_again(name)
        if found.status == "stopped":
            with ignoring("InvalidDBInstanceState"):  # for a moment a database that starts is shown as stopped
                aws.rds.start_db_instance(DBInstanceIdentifier=name)
                begun = True
        tell(f"waiting for the database, which is {found.status}")
        return False

    if not wait_until(started, aws.polling, LONGEST_START):
        raise FailedError("the database is not available after half an hour", "See `hannibal doctor database`.")


def require_started(aws: Aws) -> None:
    """See that a database that was started has not been stopped since.

    Raises:
        FailedError: it has.
    """
    found = read_database(aws)
    if found is not None and found.status in STOPPED:
        raise _stopped_again(found.name)


def _stopped_again(name: str) -> FailedError:
    return FailedError(f"{name} is stopped again, by another command or by the schedule", "See `hannibal status`.")
