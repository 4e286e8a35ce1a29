"""Snapshots of the database, which keep the data between two months."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from installation.names import FINAL_SNAPSHOT_PREFIX
from installation.names.persistent import BEFORE_RELEASE, PRUNABLE_TAG
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.aws.polling import Polling, wait
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBSnapshotTypeDef

# States that become ``available`` by themselves; an administrator's ModifyDBSnapshot upgrades the version.
UNFINISHED: Final = ("creating", "upgrading")
_NOT_YET: Final = datetime.max.replace(tzinfo=UTC)  # a snapshot without a time is the newest
# Largest difference between the two times of a snapshot that is no copy.
_SAME_TIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A manual snapshot, which outlives its database."""

    name: str  # its identifier
    created: datetime | None  # when it was created; None just after the request
    status: str  # ``available``, ``creating``, ``failed`` …
    progress_percent: int  # written share
    size_gib: int  # storage of its database; at most this is billed
    engine_version: str  # PostgreSQL version
    final: bool  # whether CloudFormation made it at a month's end
    before_release: bool = False  # whether it was made before a release
    prunable: bool = False  # whether it has the tag that the pipeline needs to delete it
    # The time of its data, which a copy keeps (API reference, DBSnapshot, OriginalSnapshotCreateTime).
    data_from: datetime | None = None

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy of another snapshot, so that its data is older than itself."""
        return self.created is not None and self.data_from is not None and self.created - self.data_from > _SAME_TIME

    @property
    def made(self) -> str:
        """When it was made, for messages; for a copy also the time of its data."""
        if self.created is None:
            return "only just begun"
        made = f"made {self.created:%Y-%m-%d %H:%M %Z}"
        return f"a copy {made} of data of {self.data_from:%Y-%m-%d %H:%M %Z}" if self.is_copy else made

    @property
    def counts(self) -> bool:
        """Whether pruning counts it; it leaves alone those that a person made."""
        return self.final or self.before_release


@dataclass(frozen=True, kw_only=True)
class SnapshotDecision:
    """Whether pruning deletes a snapshot, and why."""

    snapshot: Snapshot
    prune: bool
    why: str


def read_snapshots(aws: Aws) -> tuple[Snapshot, ...]:
    """All manual snapshots of the database, newest first. A snapshot without a time yet is the newest."""
    pages = aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=aws.names.database, SnapshotType="manual"
    )
    return _newest_first(_snapshot(described) for page in pages for described in page["DBSnapshots"])


def newest_snapshot(aws: Aws) -> Snapshot | None:
    """The snapshot from which the next month starts; None where there is none."""
    return next(iter(read_snapshots(aws)), None)


def restored_data(snapshots: Sequence[Snapshot], *, deleting: bool) -> str:
    """The data of a new database, in words, by the snapshots, newest first; empty where there is nothing to restore.

    `deleting`: the former database is still being deleted.
    """
    newest = next(iter(snapshots), None)
    if deleting and (newest is None or newest.status != "creating"):
        return "restored from the final snapshot of the former one, which is still being deleted"
    if newest is None:
        return ""
    if newest.status in UNFINISHED:
        return f"restored from {newest.name}, still {newest.status} ({newest.progress_percent} %) and waited for"
    return f"restored from {newest.name}, {newest.made}{_newer_data(newest, snapshots)}"


def _newer_data(newest: Snapshot, snapshots: Sequence[Snapshot]) -> str:
    dated = [(it.data_from, it.name) for it in snapshots if it.data_from is not None and it.status == "available"]
    if not newest.is_copy or (latest := max(dated, default=None)) is None or latest[0] == newest.data_from:
        return ""
    return (
        f", although {latest[1]} has data of {latest[0]:%Y-%m-%d %H:%M %Z}. Where that is not meant: `aws rds "
        f"delete-db-snapshot --db-snapshot-identifier {newest.name}`, then again"
    )


def read_former_snapshots(aws: Aws) -> tuple[Snapshot, ...]:
    """Snapshots of former databases and of restores' copies, newest first; no month starts from them by itself."""
    pages = aws.rds.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    return _newest_first(
        _snapshot(described)
        for page in pages
        for described in page["DBSnapshots"]
        if described["DBInstanceIdentifier"].startswith((aws.names.former_databases, aws.names.coming_database))
    )


def _newest_first(found: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple(sorted(found, key=lambda it: it.created or _NOT_YET, reverse=True))


def _snapshot(described: "DBSnapshotTypeDef") -> Snapshot:
    return Snapshot(
        name=described["DBSnapshotIdentifier"],
        created=described.get("SnapshotCreateTime"),
        status=described["Status"],
        progress_percent=described.get("PercentProgress", 0),
        size_gib=described.get("AllocatedStorage", 0),
        engine_version=described.get("EngineVersion", ""),
        final=described["DBSnapshotIdentifier"].startswith(FINAL_SNAPSHOT_PREFIX),
        before_release=described["DBSnapshotIdentifier"].startswith(
            f"{described['DBInstanceIdentifier']}{BEFORE_RELEASE}"
        ),
        prunable=any(tag.get("Key") == PRUNABLE_TAG for tag in described.get("TagList", [])),
        data_from=described.get("OriginalSnapshotCreateTime", described.get("SnapshotCreateTime")),
    )


def unusable_snapshot_refusals(newest: Snapshot | None) -> Iterator[str]:
    """Why no month starts from the newest snapshot in its state, with what to do."""
    if newest is not None and newest.status not in ("available", *UNFINISHED):
        yield (
            f"the newest snapshot, {newest.name}, is {newest.status}, and an older one would lose data: if you want "
            f"that, `aws rds delete-db-snapshot --db-snapshot-identifier {newest.name}`"
        )


def storage_refusals(settings: Settings, newest: Snapshot | None) -> Iterator[str]:
    """Why the settings' storage is too small for the newest snapshot, with the line to write."""
    if newest is not None and newest.size_gib > settings.database.storage_gib:
        yield (
            f"the newest snapshot, {newest.name}, is of a database with {newest.size_gib} GiB, and RDS restores into "
            f"no less. Write `storage_gib: {newest.size_gib}` under `database` in config/{settings.environment}.yaml"
        )


def decide_retention(snapshots: Sequence[Snapshot], keep: int) -> tuple[SnapshotDecision, ...]:
    """Which of the snapshots, newest first, pruning deletes; never the newest.

    They are all final snapshots that failed, and the usable ones except the newest `keep`, of which at least one is
    kept; and the same of snapshots made before releases. Those without the tag `Prunable` are included: the caller
    decides whether they may be deleted yet.
    """
    decisions = []
    kept: Counter[bool] = Counter()  # of final snapshots, and of those before releases
    for place, snapshot in enumerate(snapshots):
        prune, why = _decide(snapshot, newest=place == 0, room=kept[snapshot.final] < max(keep, 1))
        if snapshot.counts and snapshot.status == "available" and not prune:
            kept[snapshot.final] += 1
        decisions.append(SnapshotDecision(snapshot=snapshot, prune=prune, why=why))
    return tuple(decisions)


def _decide(snapshot: Snapshot, *, newest: bool, room: bool) -> tuple[bool, str]:
    """Whether a snapshot is pruned, and why."""
    if newest and snapshot.status not in ("available", *UNFINISHED):
        return False, f"the newest, but {snapshot.status}: `hannibal start` refuses it, and says what to do"
    if newest:
        return False, "the newest, which the next month starts from"
    if not snapshot.counts:
        return False, "made by hand; delete it yourself when it is no longer needed"
    if snapshot.status == "failed":
        return True, "failed, so it restores nothing"
    if snapshot.status != "available":
        return False, f"is {snapshot.status}"
    return (False, "within the number to keep") if room else (True, "beyond the number to keep")


class Pruning(NamedTuple):
    """Snapshots that pruning would delete."""

    now: tuple[Snapshot, ...]
    later: tuple[Snapshot, ...]  # they lack the tag (law 8)


def plan_pruning(decisions: Iterable[SnapshotDecision], *, untagged: bool = False) -> Pruning:
    """Divide the snapshots to prune by the tag that only AuditStack's function and administrators set.

    Untagged ones are deleted too where that is asked for; IAM requires an administrator's credentials for them.
    """
    old = [decision.snapshot for decision in decisions if decision.prune]
    now = tuple(it for it in old if untagged or it.prunable)
    return Pruning(now=now, later=tuple(it for it in old if it not in now))


def delete(aws: Aws, snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
    """Delete snapshots; returns the names of those deleted. A snapshot that no longer exists is no error."""
    deleted = []
    for snapshot in snapshots:
        with suppress(aws.rds.exceptions.DBSnapshotNotFoundFault):
            aws.rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot.name)
            deleted.append(snapshot.name)
    return tuple(deleted)


def wait_until_available(
    read: Callable[[], Snapshot | None], notify: Callable[[Snapshot], None], polling: Polling
) -> Snapshot:
    """Wait for a snapshot in progress, for which AWS has no upper limit; FailedError where it failed, or is gone."""

    def available() -> Snapshot | None:
        snapshot = read()
        if snapshot is None:
            raise FailedError("the awaited snapshot was deleted", "See what is there: `hannibal snapshots list`.")
        notify(snapshot)
        if snapshot.status not in ("available", *UNFINISHED):
            raise FailedError(
                f"snapshot {snapshot.name} is {snapshot.status}",
                "Look at the events of the database in the RDS console; an older snapshot is never used by itself.",
            )
        return snapshot if snapshot.status == "available" else None

    return wait(available, polling)


@dataclass(frozen=True, kw_only=True)
class SnapshotQuota:
    """Manual snapshots of the account in the region, of all databases."""

    used: int  # existing snapshots, also those in progress
    most: int  # the quota; 100 unless it was increased

    @property
    def left(self) -> int:
        """How many more RDS allows."""
        return max(self.most - self.used, 0)


def read_snapshot_quota(aws: Aws) -> SnapshotQuota | None:
    """Read the quota; None where these credentials may not, as in an account with an old bootstrap."""
    with ignoring(*DENIED):
        for quota in aws.rds.describe_account_attributes()["AccountQuotas"]:
            if quota.get("AccountQuotaName") == "ManualSnapshots" and "Max" in quota:
                return SnapshotQuota(used=quota.get("Used", 0), most=quota["Max"])
    return None


def snapshot_quota_refusals(aws: Aws, count: int) -> Iterator[str]:
    """Why RDS would refuse so many new snapshots; 0 makes no call.

    No data is lost where it does: it keeps the database, and the stack is DELETE_FAILED. But the month would be half
    destroyed and still billed, so commands that need a snapshot check the quota before they change anything.
    """
    quota = read_snapshot_quota(aws) if count else None
    if quota is not None and quota.left < count:
        yield (
            f"RDS has {quota.used} of {quota.most} manual snapshots in this region, and {count} more would be made, "
            "which it would refuse. See what is there: `aws rds describe-db-snapshots --snapshot-type manual`; make "
            "room: `hannibal snapshots prune`, as an administrator with --untagged, or ask for more under Service "
            "Quotas, RDS, `Manual DB instance snapshots`"
        )
