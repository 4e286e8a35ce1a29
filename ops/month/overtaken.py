"""What others begin or end after a person has confirmed a plan, and while it is carried out."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from installation.names import COMPUTE_STACK, STORAGE_STACK
from ops.aws.clients import Aws
from ops.aws.polling import wait_until
from ops.errors import FailedError
from ops.stacks.planned_actions import PlannedAction, StackStep
from ops.stacks.progress import StackProgress
from ops.stacks.state import Stack, read_stacks

_LONGEST_SHOWN = 60.0  # seconds for which a deleted stack may be shown as before
_REVIEW = "REVIEW_IN_PROGRESS"  # nothing is in such a stack: a `cdk diff` of another operator makes one for a while
_CREATION = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")  # whoever waits for its end may find nothing left


class _Plan(Protocol):
    @property
    def stacks(self) -> tuple[PlannedAction, ...]: ...


class _Stop(_Plan, Protocol):
    """What counts of a `StopPlan`."""

    @property
    def former(self) -> tuple[str, ...]: ...
    @property
    def trial(self) -> str: ...


class _Start(_Plan, Protocol):
    """What counts of a `StartPlan`."""

    @property
    def database(self) -> str: ...
    @property
    def restored(self) -> bool: ...
    @property
    def deleting(self) -> bool: ...


def unconfirmed_deletions(confirmed: _Stop, plan: _Stop) -> Iterator[str]:
    """Why a newer plan of a stop is not carried out: it deletes what the confirmed one did not."""
    for before, it in zip(confirmed.stacks, plan.stacks, strict=True):
        ended = before.status in ("DELETE_IN_PROGRESS", _REVIEW)
        begun_again = ended and not (it.status or "").startswith("DELETE_")
        if it.step is StackStep.NOTHING or it.status == _REVIEW:
            continue
        if before.step is StackStep.NOTHING or begun_again:
            yield (
                f"{it.stack} is {it.status}, and {_was(before)} when this was planned: another operator has begun a "
                "start meanwhile. Talk to them. When their start has ended: `hannibal stop` again"
            )
    known = {*confirmed.former, confirmed.trial, ""}
    for name in (*plan.former, plan.trial):
        if name not in known:
            yield f"{name} was not there when this was planned: talk to who made it, then `hannibal stop` again"


def require_ended(aws: Aws) -> None:
    """Check that no stack of the month is left, or was started again by another operator and is billed."""

    def stacks() -> Collection[Stack]:
        return read_stacks(aws, aws.settings.lifecycles.ephemeral).values()

    # A just deleted stack may show its previous state for some seconds (aws-cdk-cli #1802).
    wait_until(lambda: all(it.status != "DELETE_IN_PROGRESS" for it in stacks()), aws.polling, _LONGEST_SHOWN)
    left = [f"{it.name} is {it.status}" for it in stacks() if it.status != _REVIEW]
    if left:
        raise FailedError(
            f"{', '.join(left)}, though all of the month was destroyed: another operator has begun a start meanwhile",
            "Talk to them. When their start has ended: `hannibal stop` again, or `hannibal start`. The data is kept.",
        )


def unconfirmed_creations(confirmed: _Start, plan: _Start) -> Iterator[str]:
    """Why a newer plan of a start is not carried out: it creates, or creates again, what the confirmed one did not."""
    stacks, kept = tuple(zip(confirmed.stacks, plan.stacks, strict=True)), plan.restored or plan.deleting
    for index, (before, it) in enumerate(stacks):
        # The confirmed plan may show a month's end, in the reverse order, which this start waits for.
        ending = it.stack in (STORAGE_STACK, COMPUTE_STACK) and any(
            after.status == "DELETE_IN_PROGRESS" for after, _ in stacks[index + 1 :]
        )
        if not _is_confirmed(before, it, ending=ending, kept=kept or it.stack != STORAGE_STACK):
            yield (
                f"{it.stack} {f'is {it.status}' if it.status else 'does not exist'}, and {_was(before)} when this was "
                "planned: another operator has changed it meanwhile. Look at `hannibal status`, and start again"
            )
    if (
        (confirmed.restored or confirmed.deleting)
        and not kept
        and any(it.stack == STORAGE_STACK and it.creates for it in plan.stacks)
    ):
        yield (
            f"the database would be {plan.database}. When this was planned it was {confirmed.database}: "
            "`hannibal snapshots list`, and start again"
        )


def _is_confirmed(before: PlannedAction, now: PlannedAction, *, ending: bool, kept: bool) -> bool:
    """Whether a start may go on with a stack, by its step in the confirmed plan.

    `ending`: whether that plan shows that the stack's turn to be deleted comes. `kept`: whether its data is.
    """
    if now.step is StackStep.RECREATE:
        return before.step in (StackStep.RECREATE, StackStep.WAIT)
    if now.step is StackStep.CREATE or now.status == "DELETE_IN_PROGRESS":
        if before.creates or before.status == "DELETE_IN_PROGRESS":
            return True
        return (ending or before.status in _CREATION) and (kept or now.status == "DELETE_IN_PROGRESS")
    return True


def _was(before: PlannedAction) -> str:
    return f"was {before.status}" if before.status else "did not exist"


class DeletionCheck:
    """Checks during a start that nobody deletes a stack of it; otherwise a service without a database could result.

    The CDK itself deletes only what a failed creation has left. A stack whose creation has not begun is no sign: a
    `cdk diff` of another operator makes an empty one for its change set, and deletes it again.
    """

    def __init__(self, planned: Iterable[PlannedAction]) -> None:
        watched = [
            it
            for it in planned
            if it.step is StackStep.UPDATE or (it.stack == STORAGE_STACK and it.step is StackStep.CREATE)
        ]
        self._last = {it.stack: it.status for it in watched}
        self._before_deletion = dict(self._last)  # each stack's last status that is not of a deletion

    def check(self, progress: Iterable[StackProgress]) -> None:
        """Check what one poll has shown.

        Raises:
            FailedError: another caller deletes a stack that was there, or StorageStack since its creation has begun.
        """
        for stack in progress:
            if stack.name not in self._last:
                continue
            if not (stack.status or "").startswith("DELETE_"):
                self._before_deletion[stack.name] = stack.status
            elif self._is_deleted(stack):
                raise _deleted(stack)
            self._last[stack.name] = stack.status

    def _is_deleted(self, stack: StackProgress) -> bool:
        before = self._before_deletion[stack.name]
        if stack.status == "DELETE_COMPLETE":  # one answer alone may be of a time before the stack was created
            return before not in (None, _REVIEW) and self._last[stack.name] == "DELETE_COMPLETE"
        return before != _REVIEW


def _deleted(stack: StackProgress) -> FailedError:
    # The CDK may have ended already, with success.
    if stack.lifecycle == "persistent":
        return FailedError(
            f"{stack.name} is {stack.status}: another caller is deleting it, so this start ends",
            "Talk to them. When their command has ended: `hannibal start` again.",
        )
    return FailedError(
        f"{stack.name} is {stack.status}: another operator has begun to end the month, so this start ends",
        "Talk to them. When their command has ended: `hannibal start` again, or `hannibal stop`. The data is kept.",
    )
