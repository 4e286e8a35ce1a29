"""Why something is not there, and what makes it again."""

import shlex
from typing import Any

import pytest
from botocore.session import Session

from installation.names import ADMINISTRATOR_STACKS
from ops.stacks.state import how_to_recreate, how_to_revert, missing_reason
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
    command = "npx cdk deploy ArtifactStack --exclusively -c env=dev --revert-drift"
    assert f"though ArtifactStack has it: `{command}` makes" in how_to_recreate(account.aws(), "ArtifactStack")


@pytest.mark.parametrize("stack", ADMINISTRATOR_STACKS)
def test_an_administrators_stack_is_reverted_by_an_administrators_change_set(account: FakeAccount, stack: str) -> None:
    """The role by which the CDK deploys may make none of them."""
    account.add_stack(stack)
    assert f"{stack} has it: as an administrator, `aws cloudformation" in how_to_recreate(account.aws(), stack)
    _, command = how_to_revert(stack, "dev")
    calls = [shlex.split(it)[2:] for it in command.split(" && ")]
    assert [it[0] for it in calls] == ["delete-change-set", "create-change-set", "wait", "execute-change-set"]
    model: Any = Session().get_service_model("cloudformation")
    for name, *options in (calls[0], calls[1], calls[3]):
        members = model.operation_model(name.title().replace("-", "")).input_shape.members
        assert {it.removeprefix("--").title().replace("-", "") for it in options if it.startswith("--")} <= set(members)
    assert "REVERT_DRIFT" in model.operation_model("CreateChangeSet").input_shape.members["DeploymentMode"].enum
