"""Renames an instance: it restarts, and its address changes with the name.

Meanwhile, RDS lists the instance with its old name as ``renaming``, then with the new one as ``rebooting`` (RDS
user guide, "Renaming a DB instance").
"""

from collections.abc import Callable
from typing import Final

from embedded_aws.core.context import ServerContext
from embedded_aws.database import checks, emulator, transitions
from embedded_aws.database.emulator import Record, Request, flag, parameter, refuse

# In the record until the renaming is complete, so that a restart completes it.
_NEW_NAME: Final = "_new_name"


def wanted_name(record: Record, request: Request) -> str:
    """The new name in a request; empty where it has none or the current one.

    Raises:
        Refusal: the name is invalid, or another instance has it.
    """
    name = parameter(request, "NewDBInstanceIdentifier").lower()
    if not name or name == record["DBInstanceIdentifier"]:
        return ""
    checks.identifier(name)
    if emulator.find_instance(name):
        raise refuse("DBInstanceAlreadyExists", f"DB Instance {name} already exists")
    return name


def begin(record: Record, request: Request, name: str, restart: Callable[[], None], context: ServerContext) -> None:
    """Begin a renaming; without ``ApplyImmediately`` it waits for a maintenance window, which never begins here."""
    record["PendingModifiedValues"] = record.get("PendingModifiedValues", {}) | {"DBInstanceIdentifier": name}
    if not flag(request, "ApplyImmediately"):
        return
    record[_NEW_NAME] = name

    def go_on() -> None:
        complete(record)
        restart()

    transitions.in_background(record, "renaming", go_on, context)


def complete(record: Record) -> bool:
    """Give an instance its new name; return whether a renaming was in progress."""
    name = record.pop(_NEW_NAME, None)
    if name is None:
        return False
    record["PendingModifiedValues"].pop("DBInstanceIdentifier", None)
    record["DBInstanceStatus"] = "rebooting"
    emulator.rename_instance(record, name)
    return True
