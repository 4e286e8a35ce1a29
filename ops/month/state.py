"""The state of the month."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from installation.names import COMPUTE_STACK, EDGE_STACK, STORAGE_STACK
from ops.service.database_status import FAILED, IN_USE, PASSING, STOPPED
from ops.service.pauses import is_paused
from ops.service.state import Service
from ops.stacks.state import Stack

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
    """The month's state, from all existing stacks and the service.

    A failed stack comes first, because an operator has to act. Then come operations in progress. EdgeStack may be
    missing, because `cdk deploy ComputeStack` is also a start.

    Args:
        database: the state of the database, or of the restored copy that will replace it, such as ``stopped``;
            None where there is none.
        disabled: morning schedules that a spent budget has disabled.
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
        return Month(phase="stopped", reasons=() if stacks else ("nothing was deployed here yet",))
    return _stable_month(set(stacks), service, database, disabled)


def _stable_month(
    existing: set[str], service: Service | None, database: str | None, disabled: Collection[str]
) -> Month:
    needed = {STORAGE_STACK, COMPUTE_STACK}
    if not needed <= existing:
        missing = ", ".join(sorted(needed - existing))
        return _broken(f"{missing} is missing: `hannibal start` completes, `hannibal stop` ends")
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
    if database in IN_USE:
        # RDS starts a stopped database after seven days.
        return Month(
            phase="running", reasons=("no tasks, but the database runs and costs money: `hannibal pause` again",)
        )
    if database in PASSING:
        then = "`hannibal resume` starts them, `hannibal pause` stops it again"
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
