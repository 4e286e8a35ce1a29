"""What to restore: a time within the automatic backups, or a snapshot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installation.names import Names
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import UnusableInputError
from ops.month.engine_version import version_key
from ops.service.database_instances import Databases, Instance

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceAutomatedBackupTypeDef, DBSnapshotTypeDef

# The last code is for an invalid name, such as one with a blank.
_NO_SUCH_SNAPSHOT: Final = ("DBSnapshotNotFound", "DBSnapshotNotFoundFault", "InvalidParameterValue")


@dataclass(frozen=True, kw_only=True)
class Target:
    """The requested time or snapshot."""

    text: str  # a time in UTC, or the name of a snapshot; as in instances' tags
    moment: datetime | None = None  # the time; None for a snapshot


@dataclass(frozen=True, kw_only=True)
class Window:
    """The time range that the automatic backups of an instance can restore."""

    instance: str  # its name
    earliest: datetime  # the first time
    latest: datetime  # the last time; about five minutes ago for a running instance
    kept: str = ""  # resource id of a deleted instance, whose name another may have; else empty

    @property
    def text(self) -> str:
        """Its description in one line."""
        return f"{self.instance} from {self.earliest:%Y-%m-%d %H:%M:%SZ} to {self.latest:%Y-%m-%d %H:%M:%SZ}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """The source of the rows."""

    instance: str = ""  # instance of the automatic backups; empty for a snapshot
    resource: str = ""  # its resource id where it was deleted, because its name may be another's
    snapshot: str = ""  # name of the snapshot; empty for a time
    storage_gib: int = 0  # the least storage of a restored instance


def parse_target(text: str) -> Target:
    """Parse a time, or the name of a snapshot.

    Raises:
        UnusableInputError: a time without a time zone, whose meaning would depend on the machine, or no text, for
            which RDS answers with all snapshots.
    """
    if not text.strip():
        raise UnusableInputError("neither a moment nor a snapshot is given", "See what should have given it.")
    try:
        moment = datetime.fromisoformat(text)
        utc = moment.astimezone(UTC).replace(microsecond=0)  # RDS restores to whole seconds
    except (ValueError, OverflowError):
        return Target(text=text)
    if moment.tzinfo is None:
        raise UnusableInputError(
            f"{text} has no time zone", f"Write `{text}+09:00`, `{text}Z` or the offset of your time zone."
        )
    return Target(text=utc.isoformat().replace("+00:00", "Z"), moment=utc)


def read_windows(aws: Aws, instances: Iterable[Instance | None]) -> tuple[Window, ...]:
    """The windows of instances, in their order; none for an instance without automatic backups, or without one yet."""
    return tuple(window for it in instances if it is not None for window in _windows(aws, it.name))


def _windows(aws: Aws, name: str) -> Iterator[Window]:
    backups: list[DBInstanceAutomatedBackupTypeDef] = []
    with ignoring("DBInstanceAutomatedBackupNotFound"):
        answer = aws.rds.describe_db_instance_automated_backups(DBInstanceIdentifier=name)
        backups = answer["DBInstanceAutomatedBackups"]
    for found in backups:
        window = found.get("RestoreWindow", {})
        if "EarliestTime" in window and "LatestTime" in window:
            # A name finds the backups of the instance that has it, and retained ones of instances that had it.
            kept = found.get("DbiResourceId", "") if found.get("Status") == "retained" else ""
            yield Window(instance=name, earliest=window["EarliestTime"], latest=window["LatestTime"], kept=kept)


def find_source(aws: Aws, target: Target, databases: Databases) -> tuple[Source | None, tuple[str, ...]]:
    """The source of the target's rows, or why there is none; UnusableInputError without a snapshot of that name."""
    if target.moment is None:
        return _snapshot_target(aws, target.text, databases)
    windows = read_windows(aws, (databases.current, *databases.former))
    for window in windows:
        if window.earliest <= target.moment <= window.latest:
            return Source(instance=window.instance, resource=window.kept), ()
    known = "; ".join(window.text for window in windows) or "no moment yet"
    return None, (
        f"no automatic backup reaches {target.text}. Restorable: {known}; or a snapshot of `hannibal snapshots list`",
    )


def _snapshot_target(aws: Aws, name: str, databases: Databases) -> tuple[Source | None, tuple[str, ...]]:
    snapshots: list[DBSnapshotTypeDef] = []
    with ignoring(*_NO_SUCH_SNAPSHOT):
        snapshots = aws.rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    if not snapshots:
        raise UnusableInputError(
            f"{name!r} is neither a moment, such as 2026-11-26T09:30+09:00, nor a snapshot that there is",
            "See what can be restored: `hannibal restore` shows the moments, `hannibal snapshots list` the snapshots.",
        )
    refusals = tuple(_unusable(snapshots[0], aws.names, name, databases.current))
    if refusals:
        return None, refusals
    return Source(snapshot=name, storage_gib=snapshots[0].get("AllocatedStorage", 0)), ()


def _unusable(snapshot: "DBSnapshotTypeDef", names: Names, name: str, current: Instance | None) -> Iterator[str]:
    instance = snapshot.get("DBInstanceIdentifier", "")
    if instance != names.database and not instance.startswith((names.former_databases, names.coming_database)):
        yield f"{name} is a snapshot of {instance}, and not of {names.database}"
    if (status := snapshot.get("Status", "")) != "available":
        yield f"{name} is {status}: only an available one restores"
    description = current.description if current else {}
    was, runs = snapshot.get("EngineVersion", ""), description.get("EngineVersion", "")
    if runs and version_key(was) > version_key(runs):
        yield f"{name} is of PostgreSQL {was}, newer than {runs} that runs: RDS refuses a downgrade"
    elif runs and version_key(was)[:1] != version_key(runs)[:1]:
        yield f"{name} is of PostgreSQL {was}, and {runs} runs: a restore within the month changes no major version"
    if snapshot.get("MasterUsername", "") != description.get("MasterUsername", snapshot.get("MasterUsername", "")):
        yield f"{name} has another master user than the database, which a restore would keep"
