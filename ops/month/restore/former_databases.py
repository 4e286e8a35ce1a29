"""Deletes former databases, each with a final snapshot, and copies of unfinished restores."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import code_of, is_denied, message_of
from ops.aws.polling import wait_until
from ops.errors import FailedError, RefusedError, refuse
from ops.month.restore.plan import month_lasts
from ops.month.restore.target import parse_target
from ops.month.snapshots import snapshot_quota_refusals
from ops.service.database_instances import Databases, Instance, modify, read_databases
from ops.service.database_status import GIVEN_UP, STOPPED

_LONGEST: Final = 6 * 3600.0
# Also for a while after the protection was removed (terraform-provider-aws, deletion of a blue/green source).
_PROTECTED: Final = "disable deletion protection"


@dataclass(frozen=True, kw_only=True)
class FormerDeletionPlan:
    """The instances that will be deleted."""

    kept: tuple[tuple[Instance, str], ...]  # instances with unique rows, each with its final snapshot's name
    copies: tuple[Instance, ...]  # instances whose rows are in their source; they leave no snapshot
    refusals: tuple[str, ...]  # why it cannot be done, with what to do


def orphaned_database_refusals(databases: Databases) -> Iterator[str]:
    """Why no month may begin: instances without a stack may have newer rows than the newest snapshot."""
    for left in (databases.coming, *databases.former):
        if left is not None:
            goes_on = left is databases.coming and not databases.deserted
            way = f"--to {left.restored_to}" if goes_on else "--let-go"
            yield (
                f"{left.name}, which a restore has left, exists without a month, and its rows may be newer than the "
                f"newest snapshot: `hannibal restore {way}` first"
            )


def plan_former_deletion(aws: Aws) -> FormerDeletionPlan:
    """Read all instances, and change nothing."""
    databases = read_databases(aws)
    snapshots = [(it, f"{it.name}-final") for it in databases.former]
    coming, copies = databases.coming, [databases.trial]
    month_ended = databases.deserted and not month_lasts(aws)
    alone = coming if coming is not None and month_ended and coming.status not in GIVEN_UP else None
    if alone is not None and parse_target(alone.restored_to).moment is not None:
        # Its source, the automatic backups, was deleted with the month. Other copies have the same name, so add a time.
        made = alone.created or datetime.now(UTC)
        snapshots.append((alone, f"{alone.name}-final-{made.astimezone(UTC):%Y%m%d-%H%M%S}"))
    else:
        copies.append(coming)
    return FormerDeletionPlan(
        kept=tuple(snapshots),
        copies=tuple(it for it in copies if it is not None),
        refusals=(
            *_refusals(databases, aws.settings, month_ended=month_ended),
            *snapshot_quota_refusals(aws, sum(it.status != "deleting" for it, _ in snapshots)),
        ),
    )


def stopped_refusals(databases: Databases) -> Iterator[str]:
    """Why former databases cannot be deleted: RDS makes no final snapshot of an instance that a person has stopped."""
    for former in databases.former:
        if former.status in STOPPED:
            yield (
                f"{former.name} is {former.status}, and RDS makes no final snapshot of it then: `aws rds "
                f"start-db-instance --db-instance-identifier {former.name}`, and again when it is available"
            )


def _refusals(databases: Databases, settings: Settings, *, month_ended: bool) -> Iterator[str]:
    yield from stopped_refusals(databases)
    if databases.current is None and databases.coming is not None and not month_ended:
        yield (
            f"there is no {settings.names.database} now: a restore was interrupted between its two renames, or the "
            f"instance was deleted. Finish it first: `hannibal restore --to {databases.restoring}`"
        )
    elif databases.current is not None and databases.coming is not None and databases.current.renaming:
        # Without the copy nothing would get its name, and the month would have no database.
        yield (
            f"{databases.current.name} is being renamed, so the databases are being exchanged already. Finish it: "
            f"`hannibal restore --to {databases.restoring}`"
        )
    elif databases.current is not None and databases.current.restored_to:
        yield f"a restore is about to end: `hannibal restore --to {databases.restoring}` first"


def delete_former_databases(aws: Aws, plan: FormerDeletionPlan, notify: Callable[[str], None]) -> None:
    """Delete the instances, and wait until they are gone. May be repeated after any interruption.

    Raises:
        RefusedError: the plan cannot be carried out, or these credentials may not delete them.
        FailedError: RDS does not finish the deletion.
    """
    refuse(plan.refusals)
    for instance, snapshot in plan.kept:
        notify(f"deleting {instance.name}; its rows are kept in the snapshot {snapshot}")
        _delete(aws, instance, snapshot)
    for instance in plan.copies:
        notify(f"deleting {instance.name}, a copy")
        _delete(aws, instance, "")
    names = {it.name for it, _ in plan.kept} | {it.name for it in plan.copies}

    def gone() -> bool:
        found = read_databases(aws)
        return names.isdisjoint(it.name for it in (*found.former, found.coming, found.trial) if it is not None)

    if names and not wait_until(gone, aws.polling, _LONGEST):
        raise FailedError("RDS has not ended deleting", "Run the command again: it continues.")


def delete_copies(aws: Aws, copies: tuple[Instance, ...]) -> None:
    """Delete instances whose rows exist elsewhere, as `delete_former_databases` does."""
    delete_former_databases(aws, FormerDeletionPlan(kept=(), copies=copies, refusals=()), lambda _: None)


def _delete(aws: Aws, instance: Instance, snapshot: str) -> None:
    """Begin a deletion, unless it has begun; requests that RDS refuses between two states are repeated for hours.

    Raises:
        RefusedError: these credentials may not.
        FailedError: RDS refuses the deletion for hours.
    """
    if instance.status == "deleting":
        return
    name = instance.name
    try:
        if instance.description.get("DeletionProtection") and not modify(aws, name, _LONGEST, DeletionProtection=False):
            raise FailedError(f"RDS does not change {name}", "See what it does: `hannibal doctor database`")
        if not wait_until(partial(_request_deletion, aws, name, snapshot), aws.polling, _LONGEST):
            raise FailedError(f"RDS does not delete {name}", "See what it does: `hannibal doctor database`")
    except aws.rds.exceptions.DBInstanceNotFoundFault:
        return
    except ClientError as error:
        if not is_denied(error):
            raise
        raise RefusedError(
            f"these credentials may not delete {name}: the pipeline must not, because its rows may be nowhere else",
            "The developer role may: `hannibal restore --let-go`",
        ) from error


def _request_deletion(aws: Aws, name: str, snapshot: str) -> bool:
    """Request a deletion; returns whether RDS deletes the instance."""
    final: Any = {"FinalDBSnapshotIdentifier": snapshot} if snapshot else {}
    try:
        aws.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=not snapshot, **final)
    except ClientError as error:
        (found,) = aws.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        taken_away = _PROTECTED in message_of(error) and not found.get("DeletionProtection")
        if code_of(error) != "InvalidDBInstanceState" and not taken_away:
            raise
        return found["DBInstanceStatus"] == "deleting"
    return True
