"""Another name for an instance: it restarts, and its address follows the name.

While it goes on, RDS lists the instance by its old name as ``renaming``, then by the new one as ``rebooting`` (RDS
user guide, "Renaming a DB instance").
"""

from collections.abc import Callable
from typing import Final

from embedded_aws.core.context import ServerContext
from embedded_aws.database import checks, emulator, transitions
from embedded_aws.database.emulator import Record, Request, flag, parameter, refuse

# Kept in the record until it is done, so that a restart completes it.
_NEW_NAME: Final = "_new_name"


def wanted_name(record: Record, request: Request) -> str:
    """The name that a change asks for; empty where it asks for none, or for the one that it has.

    Raises:
        Refusal: it is no name, or another instance has it.
    """
    name = parameter(request, "NewDBInstanceIdentifier").lower()
    if not name or name == record["DBInstanceIdentifier"]:
        return ""
    checks.identifier(name)
    if emulator.find_instance(name):
        raise refuse("DBInstanceAlreadyExists", f"DB Instance {name} already exists")
    return name


def begin(record: Record, request: Request, name: str, restart: Callable[[], None], context: ServerContext) -> None:
    """Begin it; without ``ApplyImmediately`` it waits for a maintenance window, which does not come here."""
    record["PendingModifiedValues"] = record.get("PendingModifiedValues", {}) | {"DBInstanceIdentifier": name}
    if not flag(request, "ApplyImmediately"):
        return
    record[_NEW_NAME] = name

    def go_on() -> None:
        complete(record)
        restart()

    transitions.in_background(record, "renaming", go_on, context)


def complete(record: Record) -> bool:
    """Give an instance its new name, and say whether it was being renamed at all."""
    name = record.pop(_NEW_NAME, None)
    if name is None:
        return False
    record["PendingModifiedValues"].pop("DBInstanceIdentifier", None)
    record["DBInstanceStatus"] = "rebooting"
    emulator.rename_instance(record, name)
    return True
