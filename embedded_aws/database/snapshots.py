"""Snapshots of databases: copies of their data folders, which outlive the instances, and the restore from one."""

import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from ministack.core.concurrency import spawn_background

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import checks, copies, emulator, option_checks
from embedded_aws.database.account_quotas import AccountQuotas
from embedded_aws.database.emulator import Record, Request, failed, instance_response, number, parameter, refuse
from embedded_aws.database.fleet import Database
from embedded_aws.database.instances import Instances
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.snapshot_behaviour import SnapshotBehaviourFile
from embedded_aws.database.versions import Versions

# Kept in a snapshot's record besides its copy's folder: when it will be finished, and how.
_READY_AT, _OUTCOME = "_ready_at", "_outcome"
_TIMES = ("SnapshotCreateTime", "OriginalSnapshotCreateTime", "SnapshotDatabaseTime")
# What a snapshot does not have is absent from its description, and not empty.
_ABSENT = re.compile(rf"<({'|'.join(_TIMES)}|DBName)></\1>")
_PAGE_SIZES = range(20, 101)
_POLL_SECONDS = 0.05


class Snapshots:
    """Gives the emulator's snapshots their data."""

    def __init__(
        self,
        context: ServerContext,
        folder: Path,
        instances: Instances,
        versions: Versions,
        behaviour: SnapshotBehaviourFile,
        quotas: AccountQuotas,
    ) -> None:
        """Take the server, the folder for copies, what exists, and how they come about and what is allowed."""
        self._context = context
        self._versions = versions
        self._behaviour = behaviour
        self._quotas = quotas
        self._folder = folder
        self._instances = instances

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.create_snapshot.wrap(self._take)
        emulator.snapshot_xml.wrap(_describe)
        emulator.change_action("CreateDBSnapshot", self._create)
        emulator.change_action("DescribeDBSnapshots", self._list)
        emulator.change_action("DeleteDBSnapshot", self._delete)
        emulator.change_action("RestoreDBInstanceFromDBSnapshot", self._restore)

    def _create(self, original: Original, request: Request) -> Response:
        checks.new_snapshot(parameter(request, "DBSnapshotIdentifier"))
        checks.snapshot_possible(emulator.instance(parameter(request, "DBInstanceIdentifier")))
        self._quotas.new_snapshot()
        response = original(request)
        instance = emulator.instance(parameter(request, "DBInstanceIdentifier"))
        if emulator.is_ours(instance) and instance["DBInstanceStatus"] == "available":
            self._back_up(instance)
        return response

    def _back_up(self, instance: Record) -> None:
        """Let the instance be ``backing-up`` for as long as a rehearsal wants it."""
        name = instance["DBInstanceIdentifier"]
        if not self._context.faults.find("backup_takes", name):
            return
        instance["DBInstanceStatus"] = "backing-up"

        def end() -> None:
            while self._context.faults.find("backup_takes", name):
                time.sleep(_POLL_SECONDS)
            if instance["DBInstanceStatus"] == "backing-up":
                instance["DBInstanceStatus"] = "available"

        spawn_background(end, thread_name=f"backup-{name}")

    def _take(self, original: Function, name: str, instance: Record) -> Record:
        """Make the record of a snapshot, and its copy first: there is no snapshot without one."""
        copy = f"{name}-{secrets.token_hex(4)}"
        if emulator.is_ours(instance):
            self._instances.database(instance).postgres.copy_to(self._folder / copy)
        snapshot: Record = original(name, instance)
        behaviour = self._behaviour.read()
        snapshot |= {
            copies.COPY: copy,
            _READY_AT: time.time() + behaviour.seconds / self._context.clock_factor,
            _OUTCOME: behaviour.outcome,
            "Status": "creating",
            "PercentProgress": 0,
            # No time before it is finished (boto3 issue 952): who sorts by it must know.
            **dict.fromkeys(_TIMES, ""),
            "TagList": _copied_tags(instance),
            "VpcId": instance.get("DBSubnetGroup", {}).get("VpcId", snapshot["VpcId"]),
        }
        if emulator.is_ours(instance):
            copies.describe(self._folder / copy, snapshot)
        emulator.snapshots[name] = snapshot
        return snapshot

    def _list(self, _original: Function, request: Request) -> Response:
        wanted = _filters(request)
        found = [
            snapshot
            for name, snapshot in sorted(emulator.snapshots.items())
            if all(snapshot.get(field) in values for field, values in wanted.items())
        ]
        name = parameter(request, "DBSnapshotIdentifier")
        if name and not found:
            raise refuse("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
        for snapshot in found:
            finish(snapshot)
        page, marker = _page(found, request)
        members = "".join(f"<DBSnapshot>{emulator.snapshot_xml(snapshot)}</DBSnapshot>" for snapshot in page)
        inner = f"{marker}<DBSnapshots>{members}</DBSnapshots>"
        return emulator.xml_response(
            200, "DescribeDBSnapshotsResponse", f"<DescribeDBSnapshotsResult>{inner}</DescribeDBSnapshotsResult>"
        )

    def _delete(self, original: Original, request: Request) -> Response:
        snapshot = find(parameter(request, "DBSnapshotIdentifier"))
        if snapshot["Status"] not in ("available", "failed"):
            # Only the code is documented.
            raise refuse(
                "InvalidDBSnapshotState",
                f"Cannot delete the snapshot because it is currently {snapshot['Status']}.",
            )
        if copies.COPY in snapshot:
            copies.forget(self._folder / snapshot[copies.COPY])
        response = original({"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"]})
        self._context.commit()
        if copies.COPY in snapshot:
            Postgres(self._folder / snapshot[copies.COPY]).delete()
        return response

    def _restore(self, original: Original, request: Request) -> Response:
        snapshot = find(parameter(request, "DBSnapshotIdentifier"))
        if snapshot["Engine"] != "postgres":
            return original(request)
        name = checks.identifier(request)
        if emulator.find_instance(name):
            raise refuse("DBInstanceAlreadyExists", "DB instance already exists")
        if parameter(request, "DBName"):
            raise refuse("InvalidParameterValue", "DBName must be null when Restoring for this Engine.")
        if snapshot["Status"] != "available":
            # Only the code is documented.
            raise refuse(
                "InvalidDBSnapshotState",
                f"Cannot restore from DBSnapshot {snapshot['DBSnapshotIdentifier']}, because it is not in the "
                f"available state, but {snapshot['Status']}.",
            )
        kind = parameter(request, "StorageType") or snapshot["StorageType"]
        checks.storage({**request, "StorageType": kind}, least_gib=snapshot["AllocatedStorage"])
        checks.subnet_group(request)
        checks.class_and_backups(request)
        option_checks.options(request)
        inherited = _inherited(snapshot) | {"EngineVersion": self._versions.restored(snapshot["EngineVersion"])}
        response: Response = emulator.create_instance_record({**inherited, **request})
        if failed(response):
            return response
        record = emulator.instance(name)
        emulator.keep_exported_logs(record, request)
        record["DBName"] = snapshot["DBName"]
        self._instances.launch(record, lambda database, _: self._copy_back(snapshot, database))
        return instance_response("RestoreDBInstanceFromDBSnapshot", record)

    def _copy_back(self, snapshot: Record, database: Database) -> None:
        Postgres(self._folder / snapshot[copies.COPY]).copy_to(database.postgres.folder)


def _copied_tags(instance: Record) -> list[dict[str, str]]:
    if not instance.get("CopyTagsToSnapshot"):
        return []
    # Tags that AWS itself gives (aws:cloudformation:…) belong to the instance.
    return [tag for tag in instance.get("TagList", []) if not tag["Key"].startswith("aws:")]


def finish(snapshot: Record) -> str:
    """Let a snapshot be finished when its time has come, and say what its status is."""
    if snapshot["Status"] == "creating" and time.time() >= snapshot[_READY_AT]:
        snapshot["Status"] = snapshot[_OUTCOME]
        if snapshot["Status"] == "available":
            taken = emulator.format_time(snapshot[_READY_AT])
            snapshot["PercentProgress"] = 100
            snapshot |= dict.fromkeys(_TIMES, taken)
    return str(snapshot["Status"])


def find(name: str) -> Record:
    """The record of a snapshot, by name or ARN.

    Raises:
        Refusal: there is none.
    """
    snapshot: Record | None = emulator.snapshots.get(name.rpartition(":snapshot:")[2])
    if snapshot is None:
        raise refuse("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
    finish(snapshot)
    return snapshot


def _inherited(snapshot: Record) -> dict[str, str]:
    """What a restored instance has from its snapshot unless the request says otherwise."""
    return {
        "AllocatedStorage": str(snapshot["AllocatedStorage"]),
        "DBInstanceClass": snapshot["DBInstanceClass"],
        "Engine": snapshot["Engine"],
        "EngineVersion": snapshot["EngineVersion"],
        "KmsKeyId": snapshot["KmsKeyId"],
        "MasterUsername": snapshot["MasterUsername"],
        "StorageEncrypted": str(snapshot["Encrypted"]).lower(),
        "StorageType": snapshot["StorageType"],
    }


def _filters(request: Request) -> Mapping[str, list[str]]:
    """The fields that a snapshot must have to be listed, with the values that do."""
    wanted = {
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
            raise refuse("InvalidParameterValue", f"Unrecognized filter name: {name}")
        wanted[fields[name]] = [value.rpartition(":")[2] for value in values]
    return wanted


def _page(found: list[Record], request: Request) -> tuple[list[Record], str]:
    size = number(request, "MaxRecords") or _PAGE_SIZES[-1]
    if size not in _PAGE_SIZES:
        raise refuse("InvalidParameterValue", f"Invalid value {size} for MaxRecords. Must be between 20 and 100")
    after = parameter(request, "Marker")
    rest = [snapshot for snapshot in found if snapshot["DBSnapshotIdentifier"] > after]
    page = rest[:size]
    return page, f"<Marker>{page[-1]['DBSnapshotIdentifier']}</Marker>" if len(rest) > size else ""


def _describe(original: Function, snapshot: Record) -> str:
    return _ABSENT.sub("", original(snapshot))
