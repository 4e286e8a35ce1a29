"""Names of instances, snapshots and groups, which RDS stores in lower case (API reference), and new names of instances.

An instance restarts with its new name, and its address changes. Meanwhile, RDS lists it with its old name as
``renaming``, then with the new one as ``rebooting`` (RDS user guide, "Renaming a DB instance").
"""

from collections.abc import Callable
from typing import Any, Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.database import emulator, refusals, transitions
from embedded_aws.database.emulator import Record, Request, flag, parameter, refuse

_INSTANCE: Final = "DBInstanceIdentifier"
_SNAPSHOT: Final = "DBSnapshotIdentifier"
_NAMES: Final = frozenset(
    {
        *(f"{kind}{_INSTANCE}" for kind in ("", "New", "Source", "Target")),
        *(f"{kind}{_SNAPSHOT}" for kind in ("", "Final", "Source", "Target")),
        *("DBParameterGroupName", "DBSubnetGroupName"),
    }
)
# In the record until the renaming is complete, so that a restart completes it.
_NEW_NAME: Final = "_new_name"


def install() -> None:
    """Convert the names in requests to lower case."""
    emulator.sent_text.wrap(_read_identifier)
    emulator.filter_instances.wrap(_filter_instances)


def _read_identifier(original: Function, request: Any, key: str, *default: Any) -> Any:
    text = original(request, key, *default)
    return text.lower() if key in _NAMES and isinstance(text, str) and not text.startswith("arn:") else text


def _filter_instances(original: Function, instances: list[Record], filters: dict[str, list[str]]) -> list[Record]:
    """Filter by resource ids too, and by ARNs and names in any case."""
    ids = filters.get("dbi-resource-id")
    named = {name: [it.rpartition(":")[2].lower() for it in values] for name, values in filters.items()}
    found: list[Record] = original(instances, named)
    return [it for it in found if ids is None or it["DbiResourceId"] in ids]


def wanted_name(record: Record, request: Request) -> str:
    """A request's new name, empty for none or the current one. Raises Refusal: it is invalid, or another instance's."""
    name = parameter(request, "NewDBInstanceIdentifier").lower()
    if not name or name == record["DBInstanceIdentifier"]:
        return ""
    refusals.identifier(name)
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
