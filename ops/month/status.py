"""The state of the month, and the system's overall status, read in parallel."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from installation.names import ARTIFACT_STACK, COMPUTE_STACK, EDGE_STACK, STORAGE_STACK
from ops.account.caller import Caller, identify, refuse_another_installation
from ops.account.safeguards import Gap, checks, is_limited, visible_gaps
from ops.aws.clients import Aws
from ops.month.exercise.faults import FaultInEffect, faults_in_effect
from ops.month.snapshots import Snapshot, newest_snapshot
from ops.month.stray_database import stray_database_refusals
from ops.release.configuration import Difference, unreleased
from ops.release.history import Release, is_gone, read_release
from ops.release.watch import unrecorded_image
from ops.service.alarms import Alarm, read_alarms
from ops.service.alert_subscriptions import Audience, read_audiences
from ops.service.autoscaling import Scaling, read_scaling
from ops.service.database_instances import Databases, read_databases
from ops.service.database_status import (
    FAILED,
    IN_USE,
    PASSING,
    STOPPED,
    Database,
    DataOrigin,
    count_connections,
    read_data_origin,
    read_database,
)
from ops.service.deployments import RunningDeployment, running_deployments
from ops.service.ecs_service import Service, read_service
from ops.service.objectives import ErrorBudget, month_start, read_budgets
from ops.service.one_off_tasks import OneOffTask, one_off_tasks
from ops.service.pauses import is_paused, read_disabled_schedules
from ops.service.traffic import TargetGroup, read_target_groups
from ops.stacks.addresses import Address, read_addresses
from ops.stacks.cdk_lock import LockHolder, lock_file, read_holder
from ops.stacks.checkout import this_checkout
from ops.stacks.state import Stack, read_stacks

Phase = Literal["running", "paused", "stopped", "starting", "stopping", "broken"]


@dataclass(frozen=True, kw_only=True)
class Month:
    """The state of the whole system."""

    phase: Phase  # the phase between start and stop
    reasons: tuple[str, ...] = ()  # why it is not simply running or stopped; empty when it is

    @property
    def healthy(self) -> bool:
        """Whether nothing failed. A month that is starting or stopping is healthy."""
        return self.phase != "broken"


def month_state(
    stacks: Mapping[str, Stack], service: Service | None, database: str | None, disabled: Collection[str] = ()
) -> Month:
    """The month's state, from all existing stacks, the service, the database and disabled morning schedules.

    A failed stack comes first, because an operator has to act. Then come operations in progress. EdgeStack may be
    missing, because `cdk deploy ComputeStack` is also a start. The database's state, such as ``stopped``, is that of
    the restored copy where one will replace it, and None where there is none.
    """
    # A change set that was never executed, mostly because its creation failed, leaves an empty stack.
    stacks = {name: stack for name, stack in stacks.items() if stack.status != "REVIEW_IN_PROGRESS"}
    failed = [stack for stack in stacks.values() if not stack.healthy and not stack.in_progress]
    if failed:
        return _broken(*(f"{stack.name} is {stack.status}: `hannibal doctor stack`" for stack in failed))
    ephemeral = [stack for stack in stacks.values() if stack.lifecycle == "ephemeral"]
    moving = [stack for stack in ephemeral if stack.in_progress]
    if moving:
        stopping = any(stack.status == "DELETE_IN_PROGRESS" for stack in moving)
        reasons = tuple(f"{stack.name} is {stack.status}" for stack in moving)
        return Month(phase="stopping" if stopping else "starting", reasons=reasons)
    if not ephemeral:
        first = "nothing was deployed here yet: `hannibal start --dry-run` says what comes first"
        return Month(phase="stopped", reasons=() if stacks else (first,))
    return _stable_month(set(stacks), service, database, disabled)


def _stable_month(
    existing: set[str], service: Service | None, database: str | None, disabled: Collection[str]
) -> Month:
    needed = {STORAGE_STACK, COMPUTE_STACK}
    if not needed <= existing:
        missing = ", ".join(sorted(needed - existing))
        completes = "`hannibal start` completes, " if STORAGE_STACK in existing else ""
        return _broken(f"{missing} is missing: {completes}`hannibal stop` ends")
    if service is None:
        return _broken("the ECS service is gone, though its stack is there: `hannibal doctor ecs`")
    if service.desired == 0 and (without := _without_tasks(database, disabled)) is not None:
        return without
    if database is None or database in (*FAILED, "deleting"):
        state = "gone, though its stack is there" if database is None else database
        return _broken(f"the database is {state}: `hannibal doctor database`")
    if database in STOPPED:
        return _broken(f"tasks should run, but the database is {database}: `hannibal resume`")
    if service.running == 0 and service.desired > 0:
        return _broken(f"none of {service.desired} tasks is running")
    return Month(phase="running", reasons=tuple(_notes(existing, service, disabled)))


def _without_tasks(database: str | None, disabled: Collection[str]) -> Month | None:
    """The state of a month whose service shall run no tasks; None where the database is what matters."""
    if is_paused(0, database):
        until = " until an operator resumes, because the budget is spent" if disabled else ""
        return Month(phase="paused", reasons=(f"no tasks, and the database is stopped{until}: `hannibal resume`",))
    then = "`hannibal resume` starts them, `hannibal pause` stops it again"
    if database in IN_USE:
        # RDS starts a stopped database after seven days.
        return Month(phase="running", reasons=(f"no tasks, but the database runs and costs money: {then}",))
    if database in PASSING:
        return Month(phase="running", reasons=(f"no tasks, and the database is {database}: {then}",))
    return None


def _broken(*reasons: str) -> Month:
    return Month(phase="broken", reasons=reasons)


def _notes(existing: set[str], service: Service, disabled: Collection[str]) -> Iterator[str]:
    if not service.steady:
        yield f"{service.running} of {service.desired} tasks run, {service.pending} are being started"
    if EDGE_STACK not in existing:
        yield f"{EDGE_STACK} is missing, so users reach neither pages nor API: `hannibal start`"
    if disabled:
        yield "the schedules of the morning are disabled: `hannibal resume`"


@dataclass(frozen=True, kw_only=True)
class Status:
    """The system at one time. What does not exist between two months is None or empty."""

    caller: Caller
    time: datetime  # when it was read
    month: Month
    stacks: tuple[Stack, ...]
    service: Service | None
    one_off: tuple[OneOffTask, ...]  # tasks beside the service's, also where the command that watched one was killed
    target_groups: tuple[TargetGroup, ...]
    database: Database | None
    databases: Databases  # the month's and those of restores
    connections: int | None  # open ones, of the database
    origin: DataOrigin | None
    newest_snapshot: Snapshot | None
    release: Release | None
    unrecorded: str | None  # a running image that is not the recorded one
    unreleased: tuple[Difference, ...]  # deployed changes that reach the tasks with the next release
    deployments: tuple[RunningDeployment, ...]
    alarms: tuple[Alarm, ...]
    audiences: tuple[Audience, ...]
    budgets: tuple[ErrorBudget, ...]
    scaling: Scaling | None
    disabled: tuple[str, ...]  # disabled morning schedules
    addresses: tuple[Address, ...]
    gaps: tuple[Gap, ...]  # differences from the administrator's deployment that these credentials can read
    faults: tuple[FaultInEffect, ...]  # those that the embedded AWS simulates
    cdk: LockHolder | None  # a CDK that runs from this checkout, also where the command that began it was killed


def read_status(aws: Aws, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Status:
    """Read everything in parallel: the slowest call decides the duration.

    Raises:
        RefusedError: the account has another installation, whose month would be shown under this environment's name.
    """
    now = clock()
    caller = identify(aws)  # first and alone, so that an unreachable AWS is one error, not ten
    with ThreadPoolExecutor(max_workers=12) as pool:
        stacks = pool.submit(read_stacks, aws)
        refuse_another_installation(caller, aws.settings, lambda: stacks.result().get(ARTIFACT_STACK))
        service = pool.submit(read_service, aws)
        one_off = pool.submit(one_off_tasks, aws)
        groups = pool.submit(read_target_groups, aws)
        database = pool.submit(read_database, aws)
        databases = pool.submit(read_databases, aws)
        connections = pool.submit(count_connections, aws, now)
        origin = pool.submit(read_data_origin, aws)
        snapshot = pool.submit(newest_snapshot, aws)
        release = pool.submit(read_release, aws)
        unrecorded = pool.submit(unrecorded_image, aws)
        waiting = pool.submit(unreleased, aws)
        deployments = pool.submit(running_deployments, aws)
        scaling = pool.submit(read_scaling, aws)
        disabled = pool.submit(read_disabled_schedules, aws)
        alarms = pool.submit(read_alarms, aws)
        limited = pool.submit(is_limited, aws, caller)
        safeguards = checks(aws, caller, stacks.result(), limited=limited.result())
        gaps = [pool.submit(visible_gaps, check) for check in safeguards]
        budgets = pool.submit(_budgets, aws, stacks.result(), now)
        audiences = pool.submit(read_audiences, aws, caller.account)
    return Status(
        caller=caller,
        time=now,
        month=month_state(
            stacks.result(),
            service.result(),
            found.status if (found := database.result() or databases.result().coming) is not None else None,
            disabled.result(),
        ),
        stacks=tuple(stacks.result().values()),
        service=service.result(),
        one_off=one_off.result(),
        target_groups=groups.result(),
        database=database.result(),
        databases=databases.result(),
        connections=connections.result() if database.result() else None,
        origin=origin.result(),
        newest_snapshot=snapshot.result(),
        release=release.result(),
        unrecorded=unrecorded.result(),
        unreleased=waiting.result(),
        deployments=deployments.result(),
        alarms=alarms.result(),
        audiences=audiences.result(),
        budgets=budgets.result(),
        scaling=scaling.result(),
        disabled=disabled.result(),
        addresses=read_addresses(stacks.result(), aws.settings, caller.endpoint),
        faults=faults_in_effect(caller.endpoint),
        cdk=read_holder(lock_file(this_checkout(), caller.place)),
        gaps=tuple(gap for found in gaps for gap in found.result()),
    )


def _budgets(aws: Aws, stacks: Mapping[str, Stack], now: datetime) -> tuple[ErrorBudget, ...]:
    """The budgets of the current load balancer; the report also counts the month's deleted ones."""
    compute = stacks.get(COMPUTE_STACK)
    arn = compute.output("LoadBalancerArn") if compute else None
    balancers = [arn.partition(":loadbalancer/")[2]] if arn else []
    return read_budgets(aws, balancers, month_start(now), now)


def problems(status: Status) -> tuple[str, ...]:
    """What is wrong, one line each; empty for a healthy system, also for a stopped one."""
    sentences = list(status.month.reasons) if not status.month.healthy else []
    sentences += [f"alarm {alarm.name}: {alarm.reason}" for alarm in status.alarms if alarm.in_alarm]
    if status.month.phase == "running":
        sentences += [
            f"alarm {alarm.name} notifies nobody: its actions are disabled"
            for alarm in status.alarms
            if not alarm.tells
        ]
    sentences += [f"alarms are not received: {it.trouble}" for it in status.audiences if it.trouble and it.wanted]
    for group in status.target_groups:
        unhealthy = group.health.get("unhealthy", 0)
        if unhealthy:
            sentences.append(f"{unhealthy} unhealthy target(s) in {group.colour}: {'; '.join(group.reasons)}")
    sentences += [gap.summary for gap in status.gaps]
    return (*sentences, *_slow_operations(status), *_data_problems(status), *_release_problems(status))


def _slow_operations(status: Status) -> Iterator[str]:
    """Operations that take too long, or would never happen."""
    for stack in status.stacks:
        if stack.hangs(status.time):
            minutes = stack.minutes(status.time)
            yield f"{stack.name} has been {stack.status} for {minutes} minutes: `hannibal doctor stack`"
    if status.disabled and status.month.phase == "running":
        yield "the schedules of the morning are disabled: `hannibal resume`"


def _data_problems(status: Status) -> Iterator[str]:
    storage = next((stack for stack in status.stacks if stack.name == STORAGE_STACK), None)
    yield from stray_database_refusals(storage, status.database)
    if status.databases.restoring:
        yield f"a restore has not ended: `hannibal restore --to {status.databases.restoring}` goes on"
    if status.newest_snapshot and status.newest_snapshot.status == "failed":
        yield f"the newest snapshot, {status.newest_snapshot.name}, failed: the next start will refuse it"


def _release_problems(status: Status) -> Iterator[str]:
    """What a release, scaling or a change by hand left; while a release runs, only a failed scaling."""
    if status.scaling and status.scaling.failure:
        yield f"the last scaling failed: {status.scaling.failure}"
    if status.deployments:
        return
    if status.scaling and status.scaling.held:
        yield "scaling is suspended although no release runs: `hannibal release --wait` lets the tasks scale again"
    artifact = next((stack for stack in status.stacks if stack.name == ARTIFACT_STACK), None)
    if status.unrecorded is not None:
        yield "the release record does not name the image that runs: `hannibal release --wait` writes it"
    elif is_gone(status.release, artifact):
        yield "the release record was deleted: `hannibal doctor release`"
    if any(0 < group.production_percent < 100 for group in status.target_groups):
        yield "no release runs, and production goes to both target groups: `hannibal doctor edge` says how to end that"
