"""What `--fix` carries out."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.doctor.remediation import ContinueRollback
from ops.errors import FailedError
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fakes import NOW

FAILED, GOING_ON = "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS"


def carried_out(*states: str) -> tuple[str, list[Any]]:
    """What comes of it where CloudFormation shows these states, the last one from then on."""
    left, asked = list(states), list[Any]()

    def describe_stacks(StackName: str) -> Any:  # noqa: N803 - boto3's name
        status = left.pop(0) if left[1:] else left[0]
        return {"Stacks": [{"StackName": StackName, "StackStatus": status, "CreationTime": NOW}]}

    client = SimpleNamespace(
        describe_stacks=describe_stacks, continue_update_rollback=lambda **request: asked.append(request)
    )
    aws = aws_of(cloudformation=client, polling=Clock().polling())
    done = ContinueRollback(stack="ComputeStack", skip=("Thing",)).carry_out(aws)
    assert len({request.pop("ClientRequestToken") for request in asked}) == len(asked)  # each is a request of its own
    return done, asked


def test_the_state_of_before_is_no_second_failure() -> None:
    """What is skipped is not as its template says, so that all of it is tried first."""
    done, asked = carried_out(FAILED, FAILED, FAILED, GOING_ON, "UPDATE_ROLLBACK_COMPLETE")
    assert done == "ComputeStack is rolled back"
    assert asked == [{"StackName": "ComputeStack"}]


def test_what_fails_again_goes_back_without_what_cannot() -> None:
    done, asked = carried_out(FAILED, GOING_ON, FAILED, GOING_ON, "UPDATE_ROLLBACK_COMPLETE")
    assert "rolled back but for Thing" in done
    assert asked[1] == {"StackName": "ComputeStack", "ResourcesToSkip": ["Thing"]}


def test_what_never_begins_has_failed() -> None:
    with pytest.raises(FailedError, match="failed again: it is UPDATE_ROLLBACK_FAILED"):
        carried_out(FAILED)
