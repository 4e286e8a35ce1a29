"""Stacks on which CloudFormation was working when the server ended."""

from typing import Any

import pytest

from embedded_aws.cloudformation.stack_states import REASON, end_operation


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
    ],
)
def test_interrupted_stack_gets_a_status_to_go_on_from(before: str, after: str) -> None:
    resource = {"ResourceStatus": "CREATE_IN_PROGRESS"}
    stack: dict[str, Any] = {"StackId": "id", "StackName": "name", "StackStatus": before, "_resources": {"A": resource}}

    event = end_operation(stack)

    assert event is not None
    assert (stack["StackStatus"], stack["StackStatusReason"]) == (after, REASON)
    assert event["ResourceStatus"] == after
    assert resource["ResourceStatus"] == "CREATE_FAILED"


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"])
def test_stack_at_rest_stays_as_it_is(status: str) -> None:
    stack = {"StackId": "id", "StackName": "name", "StackStatus": status}

    assert end_operation(stack) is None
    assert stack["StackStatus"] == status
