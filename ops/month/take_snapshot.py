"""Takes a snapshot of the running database, by hand or before a release."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import FailedError, refuse
from ops.month.snapshots import Snapshot, read_snapshots, snapshot_quota_refusals, wait_until_available
from ops.service.database_instances import no_database
from ops.service.database_status import read_database, unavailable_advice

# States in which RDS takes snapshots (API reference, CreateDBSnapshot).
_COPYABLE: Final = ("available", "storage-optimization")


@dataclass(frozen=True, kw_only=True)
class SnapshotPlan:
    """The snapshot that will be taken."""

    name: str  # the snapshot's identifier
    size_gib: int  # storage of the database; at most this is billed
    begun: bool  # whether an interrupted command has already begun it
    refusals: tuple[str, ...]  # why it cannot be taken, with what to do


def plan_snapshot(
    aws: Aws, *, before_release: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> SnapshotPlan:
    """Read the database and its snapshots; change nothing."""
    names = aws.names
    beginning = names.release_snapshots if before_release else names.taken_snapshots
    database = read_database(aws)
    if database is None:
        reason = no_database(
            aws, "no month is running, so there is no database. What is kept of it: `hannibal snapshots list`"
        )
        return SnapshotPlan(name="", size_gib=0, begun=False, refusals=(reason,))
    for made in read_snapshots(aws):
        if made.status == "creating" and made.name.startswith(beginning):
            return SnapshotPlan(name=made.name, size_gib=made.size_gib, begun=True, refusals=())
    refusals: tuple[str, ...] = ()
    if database.status not in _COPYABLE:
        way_out = unavailable_advice(database.name, database.status)
        refusals = (f"the database is {database.status}, and RDS takes no snapshot of it then: {way_out}",)
    refusals += tuple(snapshot_quota_refusals(aws, 1))
    return SnapshotPlan(
        name=f"{beginning}{clock().astimezone(UTC):%Y%m%d-%H%M%S}",
        size_gib=database.storage_gib,
        begun=False,
        refusals=refusals,
    )


def create_snapshot(aws: Aws, plan: SnapshotPlan, notify: Callable[[Snapshot], None]) -> Snapshot:
    """Begin the snapshot, unless it is in progress already, and wait until it can be restored.

    Raises:
        RefusedError: the plan cannot be carried out.
        FailedError: it failed, or no longer exists.
    """
    refuse(plan.refusals)
    if not plan.begun:
        # It exists where botocore retried after a lost answer, or another command began in the same second.
        with ignoring("DBSnapshotAlreadyExists"):
            aws.rds.create_db_snapshot(DBInstanceIdentifier=aws.names.database, DBSnapshotIdentifier=plan.name)

    def read() -> Snapshot | None:
        return next((it for it in read_snapshots(aws) if it.name == plan.name), None)

    return wait_until_available(read, notify, aws.polling)


def create_release_snapshot(aws: Aws, notify: Callable[[Snapshot], None]) -> Snapshot:
    """Take a snapshot before anything of a release has begun; FailedError where that fails."""
    plan = plan_snapshot(aws, before_release=True)
    if plan.refusals:
        raise FailedError(*plan.refusals, "Nothing was released. Without a snapshot: --no-snapshot.")
    return create_snapshot(aws, plan, notify)
