"""Which states of a stack, poll by poll, say during a start that another caller deletes it."""

import pytest

from installation.names import Lifecycle
from ops.errors import FailedError
from ops.month.overtaken import DeletionCheck
from ops.stacks.planned_actions import PlannedAction, StackStep
from ops.stacks.progress import StackProgress


def polled(
    *statuses: str | None,
    step: StackStep = StackStep.CREATE,
    first: str | None = None,
    name: str = "StorageStack",
    lifecycle: Lifecycle = "ephemeral",
) -> None:
    check = DeletionCheck([PlannedAction(stack=name, status=first, step=step)])
    for status in statuses:
        check.check([StackProgress(name=name, lifecycle=lifecycle, status=status)])


REVIEW, CREATING, DELETING, GONE = "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"


@pytest.mark.parametrize(
    "statuses",
    [
        (None, REVIEW, DELETING, DELETING, GONE, GONE, None),
        (None, REVIEW, GONE, GONE, CREATING),
        (None, CREATING, GONE, CREATING, "CREATE_COMPLETE"),
    ],
)
def test_a_change_set_that_is_given_up_and_one_stale_answer_are_no_end(statuses: tuple[str | None, ...]) -> None:
    """`cdk diff` makes an empty stack for its change set; CloudFormation's answers lag behind (aws-cdk-cli #1802)."""
    polled(*statuses)


def test_an_empty_stack_that_was_there_before_the_start_may_go() -> None:
    polled(DELETING, GONE, GONE, first=REVIEW)


@pytest.mark.parametrize(
    "statuses",
    [
        (None, DELETING),
        (None, REVIEW, CREATING, DELETING),
        (REVIEW, GONE, CREATING, "DELETE_FAILED"),
        ("CREATE_COMPLETE", GONE, GONE),
    ],
)
def test_a_deletion_after_its_creation_has_begun_ends_the_start(statuses: tuple[str | None, ...]) -> None:
    polled(*statuses[:-1])
    with pytest.raises(FailedError, match="another operator has begun to end the month, so this start ends"):
        polled(*statuses)


@pytest.mark.parametrize("statuses", [(DELETING,), (GONE, GONE)])
def test_a_stack_that_stays_is_not_said_to_be_of_the_month(statuses: tuple[str, ...]) -> None:
    """An administrator may delete AuditStack."""
    with pytest.raises(
        FailedError, match=r"AuditStack is DELETE_.*: another caller is deleting it, so this start ends"
    ):
        polled(*statuses, step=StackStep.UPDATE, first="CREATE_COMPLETE", name="AuditStack", lifecycle="persistent")
