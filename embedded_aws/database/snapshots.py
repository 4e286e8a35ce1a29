"""Snapshots of databases: copies of their data folders, which stay after the instances, and the restore from one."""

import json
import logging
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ministack.core.responses import get_account_id, get_region

from embedded_aws.core.context import ServerContext, ServerError
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator, process, refusals, transitions
from embedded_aws.database.account_quotas import AccountQuotas
from embedded_aws.database.emulator import Record, Request, invalid_value, parameter, refuse
from embedded_aws.database.instances import Instances
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.snapshot_behaviour import read_behaviour
from embedded_aws.database.versions import Versions

COPY = "_copy"
# In the folder of a complete copy: account, region and record of its snapshot.
_FILE = "snapshot.json"

logger = logging.getLogger("embedded_aws.database")
# In a snapshot's record besides its copy's folder: the times of its begin and its completion, and the outcome.
_BEGUN_AT, _READY_AT, _OUTCOME = "_begun_at", "_ready_at", "_outcome"
_TIMES = ("SnapshotCreateTime", "OriginalSnapshotCreateTime", "SnapshotDatabaseTime")
# Missing values are omitted from a snapshot's description, and not empty.
_ABSENT = re.compile(rf"<({'|'.join(_TIMES)}|DBName)></\1>")


def describe(folder: Path, snapshot: Record) -> None:
    """Write a snapshot's record beside its complete copy."""
    content = {"account": get_account_id(), "region": get_region(), "record": snapshot}
    partial = folder / f"{_FILE}.partial"
    try:
        partial.write_text(json.dumps(content), encoding="utf-8")
        partial.replace(folder / _FILE)
    except OSError:
        Postgres(folder).delete()  # nothing would know of the copy
        raise


def _forget(folder: Path) -> None:
    """Remove the record from a copy before its deletion, so that the copy is not adopted."""
    (folder / _FILE).unlink(missing_ok=True)


def adopt(folder: Path) -> None:
    """Restore the snapshots of complete copies without one, and remove incomplete copies of a killed process."""
    known = {record.get(COPY) for record in emulator.snapshots.all_values()}
    for copy in _folders(folder):
        if copy.name in known:
            continue
        try:
            content = json.loads((copy / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            logger.warning("removing %s: its copy was not finished, and no snapshot has it", copy)
            shutil.rmtree(copy, ignore_errors=True)
            continue
        record: Record = content["record"]
        key = (content["account"], content["region"], record["DBSnapshotIdentifier"])
        logger.warning("snapshot %s has its record again, from its copy", key[2])
        if not emulator.snapshots.contains_scoped(*key):
            emulator.snapshots.set_scoped(*key, record)


def remove_unknown(folder: Path, records: Path) -> None:
    """Remove the data of instances without a record: the server ended between saving and completing their deletion.

    Raises ServerError: the file of all records is not there, though other services have one: the user has removed it.
    """
    known = {record["DbiResourceId"] for _, _, record in emulator.all_instances()}
    for data in _folders(folder):
        # Without any file, a process was killed before its first save: an instance can have its folder earlier.
        if not records.exists() and any(records.parent.glob("*.json")):
            message = f"{records} is missing, which {data} belongs to. Put it back from a copy, or delete {data}."
            raise ServerError(message)
        if data.name not in known:
            logger.warning("removing %s: its instance is deleted", data)
            shutil.rmtree(data, ignore_errors=True)


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*")) if path.is_dir())


@dataclass(frozen=True)
class Snapshots:
    """Gives the emulator's snapshots their data."""

    context: ServerContext
    folder: Path
    instances: Instances
    versions: Versions
    behaviour: Path
    quotas: AccountQuotas

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.create_snapshot.wrap(self._create_snapshot)
        emulator.snapshot_xml.wrap(_describe)
        emulator.change_action("CreateDBSnapshot", self._create)
        emulator.change_action("DescribeDBSnapshots", self._list)
        emulator.change_action("DeleteDBSnapshot", self._delete)
        emulator.change_action("RestoreDBInstanceFromDBSnapshot", self._restore)

    def _create(self, original: Original, request: Request) -> Response:
        refusals.new_snapshot(parameter(request, "DBSnapshotIdentifier"))
        instance = emulator.instance(parameter(request, "DBInstanceIdentifier"))
        refusals.snapshot_possible(instance)
        self.quotas.new_snapshot()
        response = original(request)
        if emulator.is_own_instance(instance) and instance["DBInstanceStatus"] == "available":
            transitions.hold_for_fault(instance, "backing-up", self.context)
        return response

    def _create_snapshot(self, original: Function, name: str, instance: Record) -> Record:
        """Create the record of a snapshot after its copy: there is no snapshot without a copy."""
        behaviour = read_behaviour(self.behaviour)
        folder = self.folder / f"{name}-{secrets.token_hex(4)}"
        if emulator.is_own_instance(instance):
            self.instances.database(instance).postgres.copy_to(folder)
        snapshot: Record = original(name, instance)
        # The emulator has stored it as available. It is listed, and saved, only with its data.
        del emulator.snapshots[name]
        now = time.time()
        snapshot |= {
            COPY: folder.name,
            _BEGUN_AT: now,
            _READY_AT: now + behaviour.seconds / self.context.clock_factor,
            _OUTCOME: behaviour.outcome,
            "Status": "creating",
            "PercentProgress": 0,
            # No time before its completion (boto3 issue 952): programs that sort by it must allow for this.
            **dict.fromkeys(_TIMES, ""),
            "TagList": _copy_tags(instance),
            "VpcId": instance.get("DBSubnetGroup", {}).get("VpcId", snapshot["VpcId"]),
        }
        if emulator.is_own_instance(instance):
            self._complete(folder, snapshot, instance)
        emulator.snapshots[name] = snapshot
        return snapshot

    def _complete(self, folder: Path, snapshot: Record, instance: Record) -> None:
        """Make a copy the snapshot's, or remove it."""
        is_final = not self.instances.database(instance).postgres.running  # the original goes next
        try:
            if is_final:  # before it counts as complete: with a complete one, the next start deletes the original
                process.flush(folder)
            describe(folder, snapshot)
            if is_final:
                process.flush(folder)
        except Exception:
            _forget(folder)
            Postgres(folder).delete()
            raise

    def _list(self, _original: Function, request: Request) -> Response:
        wanted = _filters(request)
        snapshots = [
            snapshot
            for name, snapshot in sorted(emulator.snapshots.items())
            if all(snapshot.get(field) in values for field, values in wanted.items())
        ]
        name = parameter(request, "DBSnapshotIdentifier")
        if name and not snapshots:
            raise refuse("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
        for snapshot in snapshots:
            finish(snapshot)
        members = "".join(f"<DBSnapshot>{emulator.snapshot_xml(snapshot)}</DBSnapshot>" for snapshot in snapshots)
        inner = f"<DescribeDBSnapshotsResult><DBSnapshots>{members}</DBSnapshots></DescribeDBSnapshotsResult>"
        return emulator.xml_response(200, "DescribeDBSnapshotsResponse", inner)

    def _delete(self, original: Original, request: Request) -> Response:
        snapshot = find(parameter(request, "DBSnapshotIdentifier"))
        if snapshot["Status"] not in ("available", "failed"):
            # Only the error code is documented.
            message = f"Cannot delete the snapshot because it is currently {snapshot['Status']}."
            raise refuse("InvalidDBSnapshotState", message)
        if COPY in snapshot:
            _forget(self.folder / snapshot[COPY])
        response = original({"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"]})
        self.context.commit()
        if COPY in snapshot:
            Postgres(self.folder / snapshot[COPY]).delete()
        return response

    def _restore(self, original: Original, request: Request) -> Response:
        snapshot = find(parameter(request, "DBSnapshotIdentifier"))
        if snapshot["Engine"] != "postgres":
            return original(request)
        refusals.new_identifier(parameter(request, "DBInstanceIdentifier"))
        refusals.no_database_name(request)
        if snapshot["Status"] != "available":
            # Only the error code is documented.
            raise refuse(
                "InvalidDBSnapshotState",
                f"Cannot restore from DBSnapshot {snapshot['DBSnapshotIdentifier']}, because it is not in the "
                f"available state, but {snapshot['Status']}.",
            )
        copy = Postgres(self.folder / snapshot[COPY])
        return self.instances.restore(
            "RestoreDBInstanceFromDBSnapshot",
            request,
            snapshot,
            self.versions.restored(snapshot["EngineVersion"]),
            lambda database: copy.copy_to(database.postgres.folder),
        )


def _copy_tags(instance: Record) -> list[dict[str, str]]:
    if not instance.get("CopyTagsToSnapshot"):
        return []
    # Tags that AWS sets (aws:cloudformation:…) belong to the instance.
    return [tag for tag in instance.get("TagList", []) if not tag["Key"].startswith("aws:")]


def finish(snapshot: Record) -> str:
    """Complete a snapshot if its time has come; return its status."""
    # A clock before the begin was set back meanwhile, and says nothing about the time that has passed.
    if snapshot["Status"] == "creating" and not snapshot.get(_BEGUN_AT, 0.0) <= time.time() < snapshot[_READY_AT]:
        if snapshot[_OUTCOME] == "available":
            snapshot["PercentProgress"] = 100
            snapshot |= dict.fromkeys(_TIMES, emulator.format_time(snapshot[_READY_AT]))
        snapshot["Status"] = snapshot[_OUTCOME]  # last, because other threads read the rest only then
    return str(snapshot["Status"])


def find(name: str) -> Record:
    """The record of a snapshot, by name or ARN. Raises Refusal: there is none."""
    snapshot: Record | None = emulator.snapshots.get(name.rpartition(":snapshot:")[2])
    if snapshot is None:
        raise refuse("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
    finish(snapshot)
    return snapshot


def _filters(request: Request) -> Mapping[str, list[str]]:
    """The fields to filter snapshots by, with the accepted values."""
    filters = {
        field: [parameter(request, field).rpartition(":")[2]]
        for field in ("DBSnapshotIdentifier", "DBInstanceIdentifier", "SnapshotType", "DbiResourceId")
        if parameter(request, field)
    }
    fields = {
        "db-instance-id": "DBInstanceIdentifier",
        "db-snapshot-id": "DBSnapshotIdentifier",
        "dbi-resource-id": "DbiResourceId",
        "snapshot-type": "SnapshotType",
        "engine": "Engine",
    }
    for name, values in emulator.parse_filters(request).items():
        if name not in fields:
            raise invalid_value(f"Unrecognized filter name: {name}")
        filters[fields[name]] = [value.rpartition(":")[2] for value in values]
    return filters


def _describe(original: Function, snapshot: Record) -> str:
    return _ABSENT.sub("", original(snapshot))
