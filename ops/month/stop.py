"""Ends the month: destroys the ephemeral stacks, and checks that the data is in a snapshot."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import COMPUTE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.account.caller import Caller, checked_caller, foreign_stack_refusals
from ops.aws.clients import Aws
from ops.aws.polling import wait_until, without_repeats
from ops.errors import FailedError, refuse
from ops.month.leftovers import Leftover, read_leftovers
from ops.month.overtaken import require_ended, unconfirmed_deletions
from ops.month.restore.former_databases import delete_former_databases, plan_former_deletion, stopped_refusals
from ops.month.restore.target import Window, read_windows
from ops.month.snapshots import (
    Snapshot,
    decide_retention,
    delete,
    newest_snapshot,
    plan_pruning,
    read_snapshots,
    snapshot_quota_refusals,
    wait_until_available,
)
from ops.month.stray_database import never_starts, stray_database_refusals
from ops.release.watch import complete_record
from ops.service.database_instances import final_snapshot_refusals, read_databases, restore_refusals
from ops.service.database_status import PASSING, STOPPED, read_database, start_database
from ops.service.deployments import running_release_refusals
from ops.service.one_off_tasks import OneOffTask, one_off_tasks, stop_task
from ops.stacks import cdk
from ops.stacks.cdk_lock import lock_file
from ops.stacks.checkout import Checkout
from ops.stacks.events import Event, read_events
from ops.stacks.planned_actions import PlannedAction, StackStep, planned_destroy
from ops.stacks.progress import StackProgress, StackWatcher
from ops.stacks.state import last_deleted, read_stack, read_stacks
from ops.stacks.watch import Watching, follow, wait_until_stable

# Stop timeout (120 seconds at most on Fargate), and the time that ECS needs to detach the network interface.
_LONGEST_TASK_END = 300.0
_LONGEST_CHANGE = 3600.0
# RDS's error for a final snapshot of a database in another state.
_NOT_AVAILABLE = "is not currently in the available state"


@dataclass(frozen=True, kw_only=True)
class StopPlan:
    """What a stop will do."""

    caller: Caller  # account, region and endpoint
    environment: str  # such as ``dev``
    stacks: tuple[PlannedAction, ...]  # the ephemeral stacks' next steps
    kept: tuple[str, ...]  # the existing persistent stacks
    # Former databases; they are deleted first, with a final snapshot each, because they use the groups that the
    # stack deletes.
    former: tuple[str, ...]
    trial: str  # the copy of an interrupted trial of a restore; empty for none
    # Times to which the automatic backups can restore; they are deleted with the database.
    backups: tuple[Window, ...]
    # Running one-off tasks, which are stopped first: ECS deletes no cluster with tasks.
    tasks: tuple[OneOffTask, ...]
    database: bool  # whether there is a database, which leaves a final snapshot
    starts_database: bool  # whether it is stopped, and so is started for that snapshot
    snapshots_kept: int  # final snapshots that pruning keeps
    command: str  # the CDK command, as typed in a shell; empty if nothing is to be destroyed
    refusals: tuple[str, ...]  # why it cannot be done, with what to do; empty if it can


@dataclass(frozen=True, kw_only=True)
class StopResult:
    """The result of a stop."""

    stacks: tuple[StackProgress, ...]  # the ephemeral stacks at the end
    # The newest snapshot, from which the next month starts; None if there never was a database.
    snapshot: Snapshot | None
    pruned: tuple[str, ...]  # snapshots that were deleted
    leftovers: tuple[Leftover, ...]  # what is still billed
    log: Path | None  # the CDK's output; None if there was nothing to destroy


def plan_stop(aws: Aws) -> StopPlan:
    """Check everything and change nothing; RefusedError in a wrong account or region."""
    settings = aws.settings
    caller = checked_caller(aws)
    existing = read_stacks(aws)
    storage = existing.get(STORAGE_STACK)
    futile = never_starts(storage, existing.get(COMPUTE_STACK))
    planned = tuple(
        planned_destroy(name, existing.get(name), at_once=futile and name == COMPUTE_STACK)
        for name in reversed(settings.lifecycles.ephemeral)
    )
    refusals = list(foreign_stack_refusals(existing.values(), settings))
    refusals += [f"{action.stack}: {action.note}" for action in planned if action.step is StackStep.BLOCKED]
    refusals += running_release_refusals(aws)
    databases = read_databases(aws)
    refusals += [*restore_refusals(databases), *stopped_refusals(databases)]
    refusals += final_snapshot_refusals(databases)
    refusals += stray_database_refusals(storage, read_database(aws))
    all_deleted = all(action.step is StackStep.NOTHING for action in planned)
    # Each leaves a final snapshot; the quota already counts those of databases that are being deleted.
    left = [it for it in (databases.current, *databases.former) if it is not None and it.status != "deleting"]
    refusals += snapshot_quota_refusals(aws, len(left))
    return StopPlan(
        caller=caller,
        environment=settings.environment,
        stacks=planned,
        kept=tuple(name for name in settings.lifecycles.persistent if name in existing),
        former=tuple(it.name for it in databases.former),
        trial=databases.trial.name if databases.trial is not None else "",
        backups=tuple(window for window in read_windows(aws, (databases.current,)) if not window.kept),
        tasks=one_off_tasks(aws),
        database=databases.current is not None,
        starts_database=databases.current is not None and databases.current.status in STOPPED,
        snapshots_kept=settings.database.snapshots_kept,
        command="" if all_deleted else cdk.command_line(_arguments(settings)),
        refusals=tuple(refusals),
    )


def stop(aws: Aws, checkout: Checkout, plan: StopPlan, watching: Watching, *, again: bool = False) -> StopResult:
    """Carry a plan out. After any interruption it may be repeated, and continues.

    Args:
        again: whether RDS has already refused the final snapshot once, because a backup had begun.

    Raises:
        RefusedError: the plan cannot be carried out, or more is there now than it deletes, or these credentials may not
            delete former databases.
        FailedError: CloudFormation or the CDK failed, there is no final snapshot, or a start has begun meanwhile.
    """
    settings = aws.settings
    refuse(plan.refusals)
    # Planned again, because others may have begun something while a person read the plan and typed a name.
    confirmed, plan = plan, plan_stop(aws)
    refuse((*plan.refusals, *unconfirmed_deletions(confirmed, plan)))
    notify = watching.notify
    if any(action.step is StackStep.WAIT for action in plan.stacks):
        notify("waiting for what CloudFormation is still working on")
        wait_until_stable(StackWatcher(aws, settings.lifecycles.ephemeral), watching)
        return stop(aws, checkout, plan, watching)
    if complete_record(aws):
        notify("the last release was not recorded, because nobody watched it to its end; it is now")
    _stop_tasks(aws, notify)
    if plan.former or plan.trial:
        delete_former_databases(aws, plan_former_deletion(aws), notify)
    _wait_for_database(aws, notify)
    stack = read_stack(aws, STORAGE_STACK)
    # After an interrupted stop the last deleted one had the month's database.
    storage = stack.stack_id if stack else last_deleted(aws, STORAGE_STACK)
    stacks: tuple[StackProgress, ...] = ()
    log = None
    if plan.command and confirmed.command:  # otherwise there is at most another operator's change set
        if reasons := tuple(unconfirmed_deletions(plan, plan_stop(aws))):  # the waits may have taken an hour
            raise FailedError(*reasons)
        log = cdk.log_file(checkout, "stop", datetime.now(UTC))
        watcher = StackWatcher(aws, settings.lifecycles.ephemeral)
        notify(f"{plan.command}  (output: {log})")
        lock = lock_file(checkout, plan.caller.place)
        try:
            variables = aws.variables_of_child
            with cdk.CdkRun(checkout, _arguments(settings), log, lock=lock, environment=variables) as run:
                stacks = follow(run, watcher, watching)
        except FailedError as error:
            if again or _NOT_AVAILABLE not in error.problem:
                releases: list[str] = []
                with suppress(ClientError, BotoCoreError):  # the CDK's error is the first cause
                    releases += running_release_refusals(aws)
                raise FailedError(error.problem, *releases, *error.advice) from error
            notify(
                "RDS was backing the database up, changing or stopping it, when it should make its final snapshot: "
                "deleting it again"
            )
            return stop(aws, checkout, plan, watching, again=True)
    events = read_events(aws, storage) if storage else ()
    snapshot = _final_snapshot(aws, database_deleted_since(events), notify)
    require_ended(aws)
    return StopResult(
        stacks=stacks,
        snapshot=snapshot,
        pruned=_prune(aws, plan.snapshots_kept, notify),
        leftovers=read_leftovers(aws),
        log=log,
    )


def _stop_tasks(aws: Aws, notify: Callable[[str], None]) -> None:
    """Stop all one-off tasks, also those that began after the plan, and wait for their end.

    ECS deletes no cluster with running tasks: the stack would stay half deleted, and still be billed.
    """
    for task in one_off_tasks(aws):
        notify(f"stopping one-off task {task.text}")
        stop_task(aws, task.arn, "the month ends")
    if not wait_until(lambda: not one_off_tasks(aws), aws.polling, _LONGEST_TASK_END):
        left = ", ".join(task.text for task in one_off_tasks(aws))
        raise FailedError(f"one-off tasks do not end: {left}", "Run `hannibal stop` again; nothing was destroyed yet.")


def _prune(aws: Aws, count: int, notify: Callable[[str], None]) -> tuple[str, ...]:
    """Delete the snapshots beyond the number to keep; returns their names."""
    now, later = plan_pruning(decide_retention(read_snapshots(aws), count))
    pruned = delete(aws, now)
    for name in pruned:
        notify(f"pruned snapshot {name}")
    if later:
        notify(f"{len(later)} old snapshot(s) stay until AuditStack's function tags them as prunable")
    return pruned


def _wait_for_database(aws: Aws, notify: Callable[[str], None]) -> None:
    """Wait for a backup or a change, and start a stopped database (RDS user guide, "Deleting a DB instance").

    Otherwise RDS makes no final snapshot, and the stack fails.
    """
    notify = without_repeats(notify)

    def ended() -> bool:
        database = read_database(aws)
        if database is None or database.status not in PASSING:
            return True
        notify(f"waiting for the database, which is {database.status}")
        return False

    wait_until(ended, aws.polling, _LONGEST_CHANGE)
    found = read_database(aws)
    if found is not None and found.status in STOPPED:
        notify(f"starting {found.name}, because RDS makes no final snapshot of what is {found.status}")
        start_database(aws, notify)
        wait_until(ended, aws.polling, _LONGEST_CHANGE)  # RDS may go on with its storage


def database_deleted_since(events: tuple[Event, ...]) -> datetime | None:
    """When the stack deletion that deleted the database began; None if no deletion of the stack did.

    A stack whose creation failed no longer has a database at its deletion, and leaves no final snapshot. After a failed
    deletion, such as during a backup, it is deleted again: the last deletion that contained the database counts.
    """
    began = since = None
    for event in events:
        if event.about_stack and event.status == "DELETE_IN_PROGRESS":
            began = event.time
        elif began and event.resource_type == "AWS::RDS::DBInstance" and event.status.startswith("DELETE_"):
            since = began
    return since


def _final_snapshot(aws: Aws, since: datetime | None, notify: Callable[[str], None]) -> Snapshot | None:
    """Wait for the newest snapshot with data of the month's end; without a time for the newest of all."""
    # Event times have milliseconds, snapshot times may not: compare whole seconds.
    deleted = since.replace(microsecond=0) if since is not None else None

    def kept() -> Snapshot | None:
        if deleted is None:
            return newest_snapshot(aws)
        # A copy of older data may be newer. A snapshot that has just been ordered has no time yet.
        snapshots = read_snapshots(aws)
        return next((it for it in snapshots if it.data_from is None or it.data_from >= deleted), None)

    final = kept()
    if final is not None:
        final = wait_until_available(
            kept,
            lambda snapshot: notify(
                f"final snapshot {snapshot.name}: {snapshot.status}, {snapshot.progress_percent} %"
            ),
            aws.polling,
        )
    if deleted is not None and (final is None or final.data_from is None):
        newest = newest_snapshot(aws)
        found = f"the newest is {newest.name} of {newest.data_from}" if newest else "there is none"
        raise FailedError(
            f"the database was deleted at {deleted:%Y-%m-%d %H:%M:%S %Z}, but no snapshot is newer than that: {found}",
            f"Automated backups that were kept: `aws rds describe-db-instance-automated-backups "
            f"--db-instance-identifier {aws.names.database}`. Where there are some, start the next month, and restore "
            "from them before it is used: `hannibal restore` shows their moments.",
            "Nothing was pruned.",
        )
    return final


def _arguments(settings: Settings) -> tuple[str, ...]:
    return cdk.destroy_arguments(settings.environment, settings.lifecycles.ephemeral)
