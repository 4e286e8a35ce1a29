import pytest

from ops.stacks.events import first_cause, newest_event_id, read_events
from tests.support.aws import aws_of
from tests.support.fakes import FakeAccount


def test_first_cause_is_the_earliest_failure_that_was_not_cancelled(account: FakeAccount) -> None:
    account.add_event("ComputeStack", "CREATE_IN_PROGRESS")
    account.add_event("ComputeStack", "CREATE_FAILED", "Cancelled", reason="Resource creation cancelled")
    account.add_event("ComputeStack", "CREATE_FAILED", "Guilty", reason="quota exceeded")
    account.add_event("ComputeStack", "CREATE_FAILED", "Later", reason="also bad")
    cause = first_cause(read_events(account.aws(), "arn:ComputeStack"))
    assert cause is not None
    assert (cause.logical_id, cause.reason) == ("Guilty", "quota exceeded")


@pytest.mark.parametrize(("mode", "cause"), [("FAIL", "HOOK_COMPLETE_FAILED"), ("WARN", "CREATE_FAILED")])
def test_a_hook_of_the_organisation_says_why_it_refused(account: FakeAccount, mode: str, cause: str) -> None:
    """The resource's own event says only which one (aws-cdk #21674); one that warns is no cause."""
    message = "Hook failed with message: Template failed validation, the following rule(s) failed: encrypted"
    account.add_event("ComputeStack", "CREATE_IN_PROGRESS", "Bucket")
    account.events["arn:ComputeStack"][-1] |= {
        "HookType": "Private::Guard::Buckets",
        "HookStatus": "HOOK_COMPLETE_FAILED",
        "HookStatusReason": message,
        "HookFailureMode": mode,
    }
    failed = "The following hook(s) failed: [Private::Guard::Buckets]"
    account.add_event("ComputeStack", "CREATE_FAILED", "Bucket", reason=failed)
    found = first_cause(read_events(account.aws(), "arn:ComputeStack"))
    assert found is not None
    assert (found.status, found.reason) == (cause, f"Private::Guard::Buckets: {message}" if mode == "FAIL" else failed)


def test_a_resource_says_more_than_its_stack(account: FakeAccount) -> None:
    account.add_event("ComputeStack", "UPDATE_ROLLBACK_FAILED", reason="The following resource(s) failed")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Service", reason="cannot be changed")
    cause = first_cause(read_events(account.aws(), "arn:ComputeStack"))
    assert cause is not None
    assert cause.logical_id == "Service"


def test_without_a_failure_there_is_no_cause(account: FakeAccount) -> None:
    account.add_event("ComputeStack", "CREATE_COMPLETE")
    assert first_cause(read_events(account.aws(), "arn:ComputeStack")) is None


def test_only_events_after_a_given_one_are_read(account: FakeAccount) -> None:
    for number in range(4):
        account.add_event("ComputeStack", "CREATE_IN_PROGRESS", f"Resource{number}")
    cloudformation = account.aws().cloudformation
    newer = read_events(aws_of(cloudformation=cloudformation), "arn:ComputeStack", after="ComputeStack-1")
    assert [event.logical_id for event in newer] == ["Resource2", "Resource3"]
    assert newest_event_id(aws_of(cloudformation=cloudformation), "arn:ComputeStack") == "ComputeStack-3"
    assert newest_event_id(aws_of(cloudformation=cloudformation), "arn:Empty") is None


def test_a_nested_stack_is_a_resource(account: FakeAccount) -> None:
    account.add_event("ComputeStack", "CREATE_FAILED", "Nested", kind="AWS::CloudFormation::Stack")
    assert not read_events(account.aws(), "arn:ComputeStack")[0].about_stack
