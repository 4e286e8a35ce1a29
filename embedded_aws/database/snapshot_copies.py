"""Copies of snapshots, and accounts that may restore one: ``CopyDBSnapshot`` and the attribute ``restore``."""

import secrets
import time
from pathlib import Path
from typing import Final

from embedded_aws.core.patching import Response
from embedded_aws.database import emulator, refusals, snapshots
from embedded_aws.database.account_quotas import AccountQuotas
from embedded_aws.database.emulator import Record, Request, flag, invalid_value, parameter, refuse
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.snapshots import find, finish

_RESTORE: Final = "restore"
_ACCOUNTS: Final = "_restored_by"  # in a record: the accounts that the snapshot is shared with


class SnapshotCopies:
    """Operations on snapshots that the emulator lacks."""

    def __init__(self, folder: Path, quotas: AccountQuotas) -> None:
        self._folder = folder
        self._quotas = quotas

    def install(self) -> None:
        """Add the operations."""
        emulator.add_action("CopyDBSnapshot", self._copy)
        emulator.add_action("ModifyDBSnapshotAttribute", _modify)
        emulator.add_action("DescribeDBSnapshotAttributes", _describe)

    def _copy(self, request: Request) -> Response:
        source = find(parameter(request, "SourceDBSnapshotIdentifier"))
        name = parameter(request, "TargetDBSnapshotIdentifier")
        refusals.new_snapshot(name)
        if source["Status"] != "available":
            # Only the error code is documented.
            raise refuse("InvalidDBSnapshotState", f"The source snapshot is not available, but {source['Status']}.")
        self._quotas.new_snapshot()
        record: Record = source | {
            "DBSnapshotIdentifier": name,
            "DBSnapshotArn": f"{source['DBSnapshotArn'].rpartition(':')[0]}:{name}",
            "SnapshotType": "manual",
            "SnapshotCreateTime": emulator.format_time(time.time()),  # the other times are the source's
            "TagList": emulator.parse_tags(request) or (source["TagList"] if flag(request, "CopyTags") else []),
        }
        record.pop(_ACCOUNTS, None)
        if snapshots.COPY in source:
            record[snapshots.COPY] = f"{name}-{secrets.token_hex(4)}"
            folder = self._folder / record[snapshots.COPY]
            Postgres(self._folder / source[snapshots.COPY]).copy_to(folder)
            snapshots.describe(folder, record)
        emulator.snapshots[name] = record
        finish(record)
        inner = f"<DBSnapshot>{emulator.snapshot_xml(record)}</DBSnapshot>"
        return emulator.xml_response(
            200, "CopyDBSnapshotResponse", f"<CopyDBSnapshotResult>{inner}</CopyDBSnapshotResult>"
        )


def _modify(request: Request) -> Response:
    snapshot = _shareable(request)
    added = emulator.parse_members(request, "ValuesToAdd")
    if added and snapshot["Encrypted"]:
        # RDS user guide, "Sharing encrypted snapshots": not with the AWS managed key, and never with all accounts.
        message = "Sharing snapshots encrypted with the default service key for RDS is currently not supported."
        raise invalid_value(message)
    removed = emulator.parse_members(request, "ValuesToRemove")
    snapshot[_ACCOUNTS] = sorted({*snapshot.get(_ACCOUNTS, []), *added} - set(removed))
    return _attributes("ModifyDBSnapshotAttribute", snapshot)


def _describe(request: Request) -> Response:
    return _attributes("DescribeDBSnapshotAttributes", find(parameter(request, "DBSnapshotIdentifier")))


def _shareable(request: Request) -> Record:
    snapshot = find(parameter(request, "DBSnapshotIdentifier"))
    if snapshot["SnapshotType"] != "manual" or snapshot["Status"] != "available":
        # Only the error code is documented.
        raise refuse("InvalidDBSnapshotState", "Only a manual snapshot that is available can be shared.")
    return snapshot


def _attributes(action: str, snapshot: Record) -> Response:
    attribute = {"AttributeName": _RESTORE, "AttributeValues": snapshot.get(_ACCOUNTS, [])}
    result = {"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "DBSnapshotAttributes": [attribute]}
    return emulator.answer(action, {"DBSnapshotAttributesResult": result})
