"""What a deployment, or a destroy, will do with each stack in its current state, and what to do where it cannot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from installation.names import PIPELINE_STACKS
from ops.stacks.state import Stack


class StackStep(StrEnum):
    """The next step for a stack."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "recreate"
    DESTROY = "destroy"
    NOTHING = "nothing"
    WAIT = "wait"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True)
class PlannedAction:
    """One stack's next step."""

    stack: str  # its name
    status: str | None  # its state; None if it does not exist
    step: StackStep  # what will happen
    note: str = ""  # why; or what to do where it is blocked, with commands ready to copy

    @property
    def creates(self) -> bool:
        """Whether all resources of the stack are created."""
        return self.step in (StackStep.CREATE, StackStep.RECREATE)


# What the CDK's deploy does in each state: aws-cdk CLI 2.1148, StackStatus.isCreationFailure and rollbackChoice.
_CREATION_FAILED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
# States in which CloudFormation waits, and can roll back to what was before.
PAUSED = ("CREATE_FAILED", "UPDATE_FAILED")


def planned_deployment(name: str, stack: Stack | None) -> PlannedAction:
    """What a deployment will do with a stack."""
    if stack is None or stack.status in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
        return PlannedAction(stack=name, status=stack.status if stack else None, step=StackStep.CREATE)
    if stack.in_progress:
        step, note = StackStep.WAIT, "CloudFormation is still working on it; it is waited for, then deployed"
    elif stack.healthy:
        step, note = StackStep.UPDATE, ""
    elif stack.status in _CREATION_FAILED:
        step, note = _after_failed_creation(stack)
    else:
        step, note = StackStep.BLOCKED, _remediation(stack)
    return PlannedAction(stack=name, status=stack.status, step=step, note=note)


def blocked_refusals(planned: Iterable[PlannedAction]) -> Iterator[str]:
    """Why stacks cannot be deployed in their state, with what to do."""
    for action in planned:
        if action.step is StackStep.BLOCKED:
            yield f"{action.stack} is {action.status}: {action.note}"


def planned_destroy(name: str, stack: Stack | None, *, at_once: bool = False) -> PlannedAction:
    """What a destroy will do with a stack. Stacks in every stable state can be deleted, also failed ones.

    `at_once`: whether its creation, which CloudFormation can delete too, is not waited for.
    """
    if stack is None or stack.status == "DELETE_COMPLETE":
        return PlannedAction(stack=name, status=None, step=StackStep.NOTHING)
    step, note = StackStep.DESTROY, ""
    if stack.status == "DELETE_IN_PROGRESS":
        note = "it is being deleted already"
    elif stack.in_progress and not at_once:
        step, note = StackStep.WAIT, "CloudFormation is still working on it; it is waited for, then destroyed"
    elif stack.protected:
        step, note = StackStep.BLOCKED, f"termination protection is on: `{_unprotect(name)}`"
    return PlannedAction(stack=name, status=stack.status, step=step, note=note)


def _after_failed_creation(stack: Stack) -> tuple[StackStep, str]:
    if not stack.protected:
        return StackStep.RECREATE, "its creation failed; the CDK removes what is left and creates it again"
    return StackStep.BLOCKED, (
        "its creation failed, and termination protection keeps the CDK from removing what is left: "
        f"`{_unprotect(stack.name)}`, `aws cloudformation delete-stack --stack-name {stack.name}`, then start again"
    )


def _remediation(stack: Stack) -> str:
    if stack.status in PAUSED:
        return f"it stopped half-way and waits: `{rollback_command(stack)}`, then start again"
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"its rollback failed: remove the cause ({stack.reason or 'see its events'}), then "
            f"`{rollback_command(stack)}`; if the resource cannot be corrected, `aws cloudformation "
            f"continue-update-rollback --stack-name {stack.name} --resources-to-skip LOGICAL_ID`"
        )
    if stack.status == "DELETE_FAILED":
        delete = f"aws cloudformation delete-stack --stack-name {stack.name}"
        command = "hannibal stop" if stack.lifecycle == "ephemeral" else delete
        why = stack.reason or "see its events"
        return f"its deletion failed ({why}): remove the cause and finish it with `{command}`"
    return f"the CDK cannot deploy from {stack.status}: look at its events in the CloudFormation console"


def rollback_command(stack: Stack) -> str:
    """The command that ends a failed update where it began.

    The CDK knows no toolkit as a stack, and the role that it deploys with reaches no administrator's stack.
    """
    if stack.name in PIPELINE_STACKS:
        return f"npx cdk rollback {stack.name}"
    verb = "continue-update-rollback" if stack.status == "UPDATE_ROLLBACK_FAILED" else "rollback-stack"
    return f"aws cloudformation {verb} --stack-name {stack.name}"


def _unprotect(name: str) -> str:
    return f"aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {name}"
