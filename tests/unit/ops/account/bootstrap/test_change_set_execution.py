"""What is executed is what was reviewed, and it has ended before it is called done."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.account.bootstrap.change_set import StackDeployment
from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.stacks.watch import Watching
from tests.support.clock import Clock
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount
from tests.support.planned_change_set import ROLE, STACK, Planned, deployment


def test_a_change_set_with_another_template_is_not_executed(account: FakeAccount) -> None:
    with pytest.raises(FailedError, match="holds another template than this checkout"):
        deployment(account, {"Resources": {"Backdoor": {}}}).deploy(STACK)

    assert account.changed == [f"create IdentityStack with {ROLE}", "delete"]


class Refusing(Planned):
    """CloudFormation that finds a name taken before it begins."""

    def describe_change_set(self, ChangeSetName: str, StackName: str) -> Any:  # noqa: N803
        hook = "AWS::EarlyValidation::ResourceExistenceCheck"
        return {"Status": "FAILED", "StatusReason": f"The following hook(s)/validation failed: [{hook}]."}

    def describe_events(self, ChangeSetName: str, Filters: dict[str, bool]) -> Any:  # noqa: N803
        assert (ChangeSetName, Filters) == ("arn:change-set", {"FailedEvents": True})
        reason = "Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists."
        event = {"EventType": "VALIDATION_ERROR", "Timestamp": NOW, "LogicalResourceId": "Bucket"}
        event |= {"ResourceType": "AWS::S3::Bucket", "ValidationStatusReason": reason}
        return {"OperationEvents": [{"EventType": "STACK_EVENT"}, event]}


def test_validation_findings_of_cloudformation_are_reported(account: FakeAccount) -> None:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    aws.__dict__["cloudformation"] = Refusing(account)
    deploying = StackDeployment(aws, "bucket", Watching())

    with pytest.raises(FailedError, match="ResourceExistenceCheck") as raised:
        deploying.deploy(STACK)

    assert raised.value.advice == (
        "Bucket (AWS::S3::Bucket): Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists.",
    )
    assert account.changed[-1] == "delete"


def test_a_change_set_with_the_same_template_is_executed_and_the_stack_protected(account: FakeAccount) -> None:
    deployment(account, {"Resources": {}}).deploy(STACK)

    assert account.changed == [f"create IdentityStack with {ROLE}", "execute", "protect IdentityStack True"]


class Unseen(Planned):
    """CloudFormation that does not know a role yet that was made a moment ago."""

    refusals = 2

    def create_change_set(self, **arguments: Any) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise client_error("ValidationError", f"Role {arguments['RoleARN']} is invalid or cannot be assumed")
        return super().create_change_set(**arguments)


@pytest.mark.parametrize(("refusals", "made"), [(2, True), (1000, False)])
def test_a_role_that_was_just_made_is_waited_for(account: FakeAccount, refusals: int, *, made: bool) -> None:
    """As the administrator's, which the stack before has made (terraform-provider-aws #22834)."""
    aws = account.aws(polling=Clock().polling())
    aws.__dict__["cloudformation"] = unseen = Unseen(account)
    unseen.held, unseen.refusals = {"Resources": {}}, refusals
    deploying = StackDeployment(aws, "bucket", Watching())
    if made:
        deploying.deploy(STACK)
    else:
        with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
            deploying.deploy(STACK)
    assert ("execute" in account.changed) is made


class Late(Planned):
    """CloudFormation that shows the state of before for two reads after it was asked (aws-cdk-cli #1802)."""

    shown: tuple[str, ...] = ()  # what it shows from read to read; empty before it was asked

    def execute_change_set(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self.account.changed.append("execute")
        before = self.account.stacks[StackName]["StackStatus"]
        kind, self.after = ("CREATE", "ROLLBACK") if before == "REVIEW_IN_PROGRESS" else ("UPDATE", "UPDATE_ROLLBACK")
        self.shown = (before, before, f"{kind}_IN_PROGRESS", f"{self.after}_IN_PROGRESS", f"{self.after}_COMPLETE")

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        self.account.changed.append("delete stack")
        before = self.account.stacks[StackName]["StackStatus"]
        self.shown = (before, before, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")

    def describe_stacks(self, StackName: str | None = None) -> Any:  # noqa: N803
        if self.shown and StackName in self.account.stacks:
            status, *rest = self.shown
            self.shown = tuple(rest) or self.shown
            if status != self.account.stacks[StackName]["StackStatus"]:
                self.account.add_event(StackName, status)
                if status == "CREATE_IN_PROGRESS":
                    self.account.add_event(StackName, "CREATE_FAILED", "Policy", reason="it is malformed")
            self.account.stacks[StackName]["StackStatus"] = status
            if status == "DELETE_COMPLETE":
                del self.account.stacks[StackName]
                self.shown = ()
        return super().describe_stacks(StackName)


def late(account: FakeAccount) -> StackDeployment:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    aws.__dict__["cloudformation"] = planned = Late(account)
    planned.held = {"Resources": {}}
    return StackDeployment(aws, "bucket", Watching())


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("REVIEW_IN_PROGRESS", "it is ROLLBACK_COMPLETE: Policy"),
        ("UPDATE_COMPLETE", "it is UPDATE_ROLLBACK_COMPLETE"),
    ],
)
def test_the_state_before_the_execution_is_not_taken_for_its_end(account: FakeAccount, before: str, why: str) -> None:
    """Else an update counts as done that has not begun, and fails later unseen."""
    account.add_stack("IdentityStack", before, Parameters=[])
    with pytest.raises(FailedError, match=why):
        late(account).deploy(STACK)


def test_what_a_failed_creation_left_is_gone_before_the_next_one_begins(account: FakeAccount) -> None:
    account.add_stack("IdentityStack", "ROLLBACK_COMPLETE")
    deploying = late(account)
    deploying._clear("IdentityStack")
    assert account.changed == ["delete stack"]
    assert not account.stacks
