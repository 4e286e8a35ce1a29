"""Starts a database that a pause has stopped."""

from collections.abc import Callable
from typing import Final

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_until
from ops.errors import FailedError
from ops.service.database_status import FAILED, IN_USE, STOPPED, read_database

# A small instance starts within ten minutes; RDS documents no limit.
LONGEST_START: Final = 1_800.0


def start_database(aws: Aws, notify: Callable[[str], None]) -> None:
    """Start the database unless it runs, and wait until it can be used.

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
        if begun and found.status == "stopping":  # another command stops it, which a new start would undo
            raise _stopped_again_error(name)
        if found.status == "stopped":
            with ignoring("InvalidDBInstanceState"):  # RDS shows a starting database as stopped for a moment
                aws.rds.start_db_instance(DBInstanceIdentifier=name)
                begun = True
        notify(f"waiting for the database, which is {found.status}")
        return False

    if not wait_until(started, aws.polling, LONGEST_START):
        raise FailedError("the database is not available after half an hour", "See `hannibal doctor database`.")


def require_started(aws: Aws) -> None:
    """Check that a started database has not been stopped since.

    Raises:
        FailedError: it has been stopped.
    """
    found = read_database(aws)
    if found is not None and found.status in STOPPED:
        raise _stopped_again_error(found.name)


def _stopped_again_error(name: str) -> FailedError:
    return FailedError(f"{name} is stopped again, by another command or by the schedule", "See `hannibal status`.")
