"""Snapshots of the database: the data between two months."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from installation.names import FINAL_SNAPSHOT_PREFIX
from installation.names.persistent import BEFORE_RELEASE, PRUNABLE_TAG
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.aws.polling import Polling, wait
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBSnapshotTypeDef

# States that pass by themselves into ``available``; an administrator's ModifyDBSnapshot upgrades the version.
UNFINISHED: Final = ("creating", "upgrading")
# Between the two times of a snapshot that is no copy.
_SAME_TIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A manual snapshot, which outlives its database."""

    name: str  # its identifier
    created: datetime | None  # when it was made; None while AWS has only just been asked for it
    status: str  # ``available``, ``creating``, ``failed`` …
    progress_percent: int  # how much is written
    size_gib: int  # storage of the database it was made of; what bills is at most this
    engine_version: str  # PostgreSQL version
    final: bool  # whether CloudFormation made it at a month's end
    before_release: bool = False  # whether it was made before a release
    prunable: bool = False  # whether it has the tag without which the pipeline may not delete it
    # When its data is from, which a copy keeps (API reference, DBSnapshot, OriginalSnapshotCreateTime).
    data_from: datetime | None = None

    @property
    def is_copy(self) -> bool:
        """Whether it was made of another one, which nobody need have done today."""
        return self.created is not None and self.data_from is not None and self.created - self.data_from > _SAME_TIME

    @property
    def made(self) -> str:
        """When it was made, and of a copy when its data is from, for people."""
        if self.created is None:
            return "only just begun"
        made = f"made {self.created:%Y-%m-%d %H:%M %Z}"
        return f"a copy {made} of data of {self.data_from:%Y-%m-%d %H:%M %Z}" if self.is_copy else made

    @property
    def counts(self) -> bool:
        """Whether pruning counts it: a person made all others, for a reason."""
        return self.final or self.before_release


@dataclass(frozen=True, kw_only=True)
class SnapshotDecision:
    """Whether pruning deletes a snapshot, and why."""

    snapshot: Snapshot
    prune: bool
    why: str


def read_snapshots(aws: Aws) -> tuple[Snapshot, ...]:
    """All manual snapshots of the database, newest first. One without a time yet is the newest."""
    pages = aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=aws.names.database, SnapshotType="manual"
    )
    return _newest_first(_snapshot(described) for page in pages for described in page["DBSnapshots"])


def newest_snapshot(aws: Aws) -> Snapshot | None:
    """The one that the next month starts from; None where there is none."""
    return next(iter(read_snapshots(aws)), None)


def restored_data(snapshots: Sequence[Snapshot], *, deleting: bool) -> str:
    """What a new database begins with; empty where there is nothing to restore.

    Args:
        snapshots: newest first, as `read_snapshots` returns them.
        deleting: whether the former database is still being deleted.
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
    dated = [(it.data_from, it.name) for it in snapshots if it.data_from is not None]
    if not newest.is_copy or (latest := max(dated))[0] == newest.data_from:
        return ""
    return (
        f", although {latest[1]} has data of {latest[0]:%Y-%m-%d %H:%M %Z}. Where that is not meant: `aws rds "
        f"delete-db-snapshot --db-snapshot-identifier {newest.name}`, then again"
    )


def read_former_snapshots(aws: Aws) -> tuple[Snapshot, ...]:
    """Snapshots of what restores have put aside or left, newest first: no month starts from them by itself."""
    pages = aws.rds.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    return _newest_first(
        _snapshot(described)
        for page in pages
        for described in page["DBSnapshots"]
        if described["DBInstanceIdentifier"].startswith((aws.names.former_databases, aws.names.coming_database))
    )


def _newest_first(found: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple(sorted(found, key=lambda s: (s.created is None, s.created and s.created.timestamp()), reverse=True))


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


def storage_refusals(settings: Settings, newest: Snapshot | None) -> Iterator[str]:
    """Why the settings' storage cannot take the newest snapshot, with the line to write."""
    if newest is not None and newest.size_gib > settings.database.storage_gib:
        yield (
            f"the newest snapshot, {newest.name}, is of a database with {newest.size_gib} GiB, and RDS restores into "
            f"no less. Write `storage_gib: {newest.size_gib}` under `database` in config/{settings.environment}.yaml"
        )


def decide_retention(snapshots: Sequence[Snapshot], keep: int) -> tuple[SnapshotDecision, ...]:
    """Which snapshots pruning deletes, never the newest of all.

    Beyond the newest `keep` final ones, all other final ones; and the same of those that were made before releases.
    Those without the tag `Prunable` are among them: whether they may be deleted yet is the caller's question.

    Args:
        snapshots: newest first, as `read_snapshots` returns them.
        keep: usable snapshots to leave of each kind; at least one is left whatever this says.
    """
    verdicts = []
    kept: Counter[bool] = Counter()
    for place, snapshot in enumerate(snapshots):
        prune, why = _judge(snapshot, newest=place == 0, room=kept[snapshot.final] < max(keep, 1))
        kept[snapshot.final] += snapshot.counts and snapshot.status == "available" and not prune
        verdicts.append(SnapshotDecision(snapshot=snapshot, prune=prune, why=why))
    return tuple(verdicts)


def _judge(snapshot: Snapshot, *, newest: bool, room: bool) -> tuple[bool, str]:
    if newest and snapshot.status not in ("available", *UNFINISHED):
        return False, f"the newest, but {snapshot.status}: `hannibal start` refuses it, and says what to do"
    if newest:
        return False, "the newest, which the next month starts from"
    if not snapshot.counts:
        return False, "made by hand; delete it yourself when it has served"
    if snapshot.status == "failed":
        return True, "failed, so it restores nothing"
    if snapshot.status != "available":
        return False, f"is {snapshot.status}"
    return (False, "within the number to keep") if room else (True, "beyond the number to keep")


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What pruning would delete, and what of it has to wait."""

    now: tuple[Snapshot, ...]  # snapshots that are deleted
    later: tuple[Snapshot, ...]  # beyond the number to keep as well, but without the tag (law 8)


def plan_pruning(decisions: Iterable[SnapshotDecision], *, untagged: bool = False) -> Pruning:
    """Divide what is beyond the number to keep by the tag that only AuditStack's function and administrators set.

    Args:
        decisions: as `decide_retention` returns them.
        untagged: whether those without the tag are deleted too, for which IAM asks an administrator's credentials.
    """
    old = [decision.snapshot for decision in decisions if decision.prune]
    return Pruning(
        now=tuple(it for it in old if untagged or it.prunable),
        later=tuple(it for it in old if not (untagged or it.prunable)),
    )


def delete(aws: Aws, snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
    """Delete snapshots; returns the names of those deleted. One that is gone already is no error."""
    deleted = []
    for snapshot in snapshots:
        with suppress(aws.rds.exceptions.DBSnapshotNotFoundFault):
            aws.rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot.name)
            deleted.append(snapshot.name)
    return tuple(deleted)


def wait_until_available(
    read: Callable[[], Snapshot | None], tell: Callable[[Snapshot], None], polling: Polling
) -> Snapshot:
    """Wait for a snapshot that is being made. AWS gives no upper limit for it, so neither does this.

    Args:
        tell: called with each state that was read, for progress.

    Raises:
        FailedError: it failed, or it is gone.
    """

    def available() -> Snapshot | None:
        snapshot = read()
        if snapshot is None:
            raise FailedError(
                "the snapshot that was waited for is gone", "See what is there: `hannibal snapshots list`."
            )
        tell(snapshot)
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

    used: int  # how many there are, those that are being made among them
    most: int  # how many RDS allows; 100 where nobody asked for more

    @property
    def left(self) -> int:
        """How many more RDS makes."""
        return max(self.most - self.used, 0)


def read_snapshot_quota(aws: Aws) -> SnapshotQuota | None:
    """Ask RDS; None where these credentials may not, as those of an account that was prepared long ago."""
    with ignoring(*DENIED):
        for quota in aws.rds.describe_account_attributes()["AccountQuotas"]:
            if quota.get("AccountQuotaName") == "ManualSnapshots" and "Max" in quota:
                return SnapshotQuota(used=quota.get("Used", 0), most=quota["Max"])
    return None


def snapshot_quota_refusals(aws: Aws, needed: int) -> Iterator[str]:
    """Why RDS would refuse so many new snapshots; 0 asks nothing.

    Nothing is lost where it does: it keeps the database, and CloudFormation ends DELETE_FAILED. But the month would be
    half destroyed and bill on, so who needs a snapshot asks for room before anything is changed.
    """
    quota = read_snapshot_quota(aws) if needed else None
    if quota is not None and quota.left < needed:
        yield (
            f"RDS has {quota.used} of {quota.most} manual snapshots in this region, and {needed} more would be made, "
            "which it would refuse. See what is there: `aws rds describe-db-snapshots --snapshot-type manual`; make "
            "room: `hannibal snapshots prune`, as an administrator with --untagged, or ask for more under Service "
            "Quotas, RDS, `Manual DB instance snapshots`"
        )
