"""The folders of snapshots' copies on the disk; after a restart, folders without a record are adopted or removed."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from ministack.core.responses import get_account_id, get_region

from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record

COPY = "_copy"
# In the folder of a complete copy: account, region and record of its snapshot.
_FILE = "snapshot.json"

logger = logging.getLogger("embedded_aws.database")


def describe(folder: Path, snapshot: Record) -> None:
    """Write a snapshot's record beside its complete copy."""
    content = {"account": get_account_id(), "region": get_region(), "record": snapshot}
    partial = folder / f"{_FILE}.partial"
    partial.write_text(json.dumps(content), encoding="utf-8")
    partial.replace(folder / _FILE)


def forget(folder: Path) -> None:
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


def remove_unknown(folder: Path) -> None:
    """Remove the data of instances without a record: the server ended between saving and completing their deletion."""
    known = {record["DbiResourceId"] for _, _, record in emulator.all_instances()}
    for data in _folders(folder):
        if data.name not in known:
            logger.warning("removing %s: its instance is deleted", data)
            shutil.rmtree(data, ignore_errors=True)


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*")) if path.is_dir())
