"""Why something is not there, and what makes it again."""

import pytest

from ops.stacks.state import how_to_recreate, missing_reason
from tests.support.fakes import FakeAccount


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "no month"),
        ("REVIEW_IN_PROGRESS", "no month"),
        ("ROLLBACK_COMPLETE", "no month"),
        ("CREATE_IN_PROGRESS", "ComputeStack is CREATE_IN_PROGRESS, and there is no service now: `hannibal status`"),
        ("CREATE_COMPLETE", "the service is gone, though ComputeStack is there: `hannibal doctor ecs`"),
    ],
)
def test_a_month_that_lost_something_is_not_called_stopped(
    account: FakeAccount, status: str | None, expected: str
) -> None:
    if status:
        account.add_stack("ComputeStack", status)
    assert missing_reason(account.aws(), "service", "ComputeStack", undeployed="no month", subject="ecs") == expected


def test_what_a_persistent_stack_lost_no_start_makes_again(account: FakeAccount) -> None:
    assert how_to_recreate(account.aws(), "ArtifactStack") == "Deploy ArtifactStack first: `hannibal start`"
    account.add_stack("ArtifactStack")
    assert "`npx cdk deploy ArtifactStack -c env=dev --revert-drift`" in how_to_recreate(account.aws(), "ArtifactStack")
