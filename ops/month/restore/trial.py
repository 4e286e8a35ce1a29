"""Tests the restore of the newest snapshot before it is needed, into an instance that is deleted again."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from ops.aws.clients import Aws
from ops.aws.errors import ignoring, with_advice
from ops.aws.polling import wait_at_most
from ops.errors import FailedError, RefusedError, refuse
from ops.month.restore.former_databases import delete_copies
from ops.month.restore.instance_settings import restore_options
from ops.month.snapshots import read_snapshots
from ops.release.one_off_command import finish_run, plan_run, start_recorded, startable_revision
from ops.service.database_instances import (
    Instance,
    modify,
    no_database,
    read_databases,
    restore_refusals,
    unmarked_refusals,
)
from ops.service.database_status import FAILED
from ops.service.logs import LogLine
from ops.service.one_off_record import new_run, record_run
from ops.service.one_off_tasks import Limit, TaskRequest, stop_task
from ops.stacks.state import busy_stack_refusals

# Variable with the restored database's URL, for the command of `database.restore_check`.
URL_VARIABLE: Final = "RESTORED_DATABASE_URL"
_LONGEST: Final = 3 * 3600.0
_LONGEST_CHECK: Final = 900.0
_STEADY_READS: Final = 2


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The result of a trial."""

    snapshot: str  # the restored snapshot
    seconds: float  # from the request until the instance could be used
    printed: tuple[str, ...]  # what the check printed; empty where settings name none
    # Whether the check ended with 0; None where settings name none, so that only RDS has read the data.
    succeeded: bool | None


def newest_restorable(aws: Aws) -> str:
    """The snapshot for a trial.

    Raises:
        RefusedError: there is none, no month is running, the month is ending, or a restore is in progress.
    """
    databases = read_databases(aws)
    refuse(
        (
            *restore_refusals(databases),
            *unmarked_refusals(databases, aws.names.trial_database),
            *busy_stack_refusals(aws, ending=True),
        )
    )
    if databases.current is None:
        raise RefusedError(
            no_database(aws, "no month is running, whose network and groups the instance could use: `hannibal start`")
        )
    found = read_snapshots(aws)
    if not found:
        raise RefusedError("there is no snapshot yet: `hannibal snapshots take`")
    if found[0].status != "available":
        raise RefusedError(f"the newest snapshot, {found[0].name}, is {found[0].status}")
    return found[0].name


def run_trial(aws: Aws, notify: Callable[[str], None]) -> Trial:
    """Restore the newest snapshot, run `database.restore_check` on it, and delete the instance in any case.

    An instance that an interrupted trial left is deleted first.

    Raises:
        RefusedError: there is no snapshot to restore, or no month.
        FailedError: the instance does not become available, or cannot be deleted.
    """
    snapshot, names = newest_restorable(aws), aws.names
    databases = read_databases(aws)
    if databases.trial is not None:
        notify(f"deleting {names.trial_database}, which an earlier trial has left")
        delete_copies(aws, (databases.trial,))
    current = databases.current
    if current is None:
        raise RefusedError("the database is gone: `hannibal status`")
    password = secrets.token_hex(16)
    started = aws.polling.clock()
    options = restore_options(current, snapshot, 0) | {"MultiAZ": False, "BackupRetentionPeriod": 0}
    options.pop("EnableCloudwatchLogsExports")  # its log group would never be deleted
    notify(f"restoring {snapshot} into {names.trial_database}")
    left = f"{names.trial_database} may be left, which costs money: the same command deletes it first"
    with with_advice(f"{left}, and so does `hannibal restore --let-go`."), _trial_deleted(aws, notify):
        with ignoring("DBInstanceAlreadyExists"):  # botocore retried after a lost answer
            aws.rds.restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier=names.trial_database, DBSnapshotIdentifier=snapshot, **options
            )
        _wait_until_steady(aws)
        seconds = aws.polling.clock() - started
        if aws.settings.database.restore_check is None:
            return Trial(snapshot=snapshot, seconds=seconds, printed=(), succeeded=None)
        if not modify(aws, names.trial_database, _LONGEST, MasterUserPassword=password):
            raise FailedError(f"RDS does not take a password for {names.trial_database}")
        instance = _wait_until_steady(aws)
        printed, succeeded = _check(aws, instance, password)
        return Trial(snapshot=snapshot, seconds=seconds, printed=printed, succeeded=succeeded)


@contextmanager
def _trial_deleted(aws: Aws, notify: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    finally:
        left = read_databases(aws).trial
        if left is not None:
            with suppress(OSError):  # the terminal may be closed
                notify(f"deleting {left.name}")
            delete_copies(aws, (left,))


def _wait_until_steady(aws: Aws) -> Instance:
    reads, existed = 0, False

    def steady() -> Instance | None:
        nonlocal reads, existed
        trial = read_databases(aws).trial
        if trial is None and existed:
            raise FailedError(f"{aws.names.trial_database} was deleted meanwhile, as by another trial", "Try again.")
        existed = trial is not None
        if trial is not None and trial.status in FAILED:
            raise FailedError(f"{trial.name} is {trial.status}: the snapshot does not restore")
        reads = reads + 1 if trial is not None and trial.steady else 0
        return trial if reads >= _STEADY_READS else None

    found = wait_at_most(_LONGEST, steady, aws.polling)
    if found is None:
        raise FailedError(f"{aws.names.trial_database} is not available after {_LONGEST / 3600:g} hours")
    return found


def _check(aws: Aws, instance: Instance, password: str) -> tuple[tuple[str, ...], bool]:
    """Run the settings' command as a one-off task of the running image, in the network that reaches the database."""
    command = aws.settings.database.restore_check or ()
    plan = plan_run(aws, command, None, needs_database=False)
    run = new_run(purpose="run", who=plan.caller.identity, command=command, image=plan.image.uri)
    record_run(aws, run)
    endpoint = instance.description.get("Endpoint", {})
    url = (
        f"postgresql://{aws.settings.database.user}:{password}@{endpoint.get('Address')}:{endpoint.get('Port')}"
        "/postgres?sslmode=verify-full"
    )
    lines: list[LogLine] = []
    limit = Limit(seconds=_LONGEST_CHECK, reason="longer than a check may take")
    check_run = None
    try:
        with startable_revision(aws, plan) as revision:
            request = TaskRequest(revision=revision, command=command, environment={URL_VARIABLE: url})
            check_run = start_recorded(aws, run, request)
        ended_task = finish_run(aws, check_run, show=lines.append, limit=limit)
    except (KeyboardInterrupt, SystemExit):
        if check_run is not None:
            stop_task(aws, check_run.task.arn, "interrupted")  # its database is about to be deleted
        raise
    return tuple(line.message for line in lines), ended_task.succeeded
