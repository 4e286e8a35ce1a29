"""A start after the database, all that was kept of it, or the release record was deleted by hand; when it went."""

from collections.abc import Callable

import pytest

from installation.settings import Settings
from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.month.start import plan_start, start
from ops.month.stop import database_deleted_since
from ops.stacks.checkout import Checkout
from ops.stacks.events import read_events
from ops.stacks.watch import Watching
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running

Make = Callable[[str], Checkout]


def test_nothing_is_deployed_around_a_database_that_was_deleted_by_hand(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """CloudFormation does not notice, and makes no other one."""
    account.add_month()
    account.database = None
    plan = plan_start(account.aws(settings), project(""))
    assert plan.refusals == ("the database is gone, though StorageStack is there: `hannibal doctor database`",)


def test_nothing_is_deployed_around_a_service_that_was_deleted_by_hand(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """It said that nothing had to change, and left users without a service."""
    running(account).services = []
    plan = plan_start(account.aws(settings), project(""))
    assert plan.refusals == ("the service is gone, though ComputeStack is there: `hannibal doctor ecs`",)


def test_a_deletion_that_comes_to_nothing_is_not_waited_for_without_end(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.database = {"DBInstanceStatus": "deleting"}
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) == 1
        account.database = {"DBInstanceStatus": "available"}

    made = project("touch called")
    plan = plan_start(account.aws(settings), made)
    with pytest.raises(RefusedError, match="exists and is available, but StorageStack does not"):
        start(account.aws(settings, polling=Polling(sleep=sleep)), made, plan, watching=Watching())
    assert not (made.root / "called").exists()


def test_a_month_that_is_ending_is_not_said_to_leave_no_snapshot(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """RDS lists the final snapshot when it has begun it."""
    account.add_stack("StorageStack", "DELETE_IN_PROGRESS")
    account.database = {"DBInstanceStatus": "deleting"}
    assert "new and empty" not in plan_start(account.aws(settings), project("exit 1")).database


def test_a_database_that_is_still_being_deleted_is_waited_for(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """Its name is taken until it is gone, and its final snapshot is listed after the plan was made."""
    account.database = {"DBInstanceStatus": "deleting"}
    messages: list[str] = []

    def sleep(_: float) -> None:
        account.database = None
        account.add_snapshot("final")

    made = project("exit 1")
    plan = plan_start(account.aws(settings), made)
    assert (plan.deleting, plan.restored) == (True, False)
    assert "which is still being deleted" in plan.database
    polling = Polling(seconds=1, sleep=sleep)
    with pytest.raises(FailedError):
        start(account.aws(settings, polling=polling), made, plan, watching=Watching(notify=messages.append))
    assert messages[0] == "waiting for the former database to be deleted"
    assert account.database is None


def test_an_empty_database_after_a_month_is_announced(account: FakeAccount, settings: Settings, project: Make) -> None:
    """All snapshots were deleted: an operator shall not take that for a first month."""
    account.deleted_stacks = [{"StackName": "StorageStack", "StackId": "arn:StorageStack", "DeletionTime": NOW}]
    assert plan_start(account.aws(settings), project("")).database == "new and empty: there is no snapshot"
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_COMPLETE", "Database", kind="AWS::RDS::DBInstance")
    plan = plan_start(account.aws(settings), project(""))
    assert plan.database.startswith("new and empty: there is no snapshot, although a month ended on 2026-")
    assert plan.refusals == ()


def test_a_database_that_was_gone_before_leaves_no_snapshot(account: FakeAccount) -> None:
    account.add_event("StorageStack", "CREATE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_COMPLETE", "Database", kind="AWS::RDS::DBInstance")
    account.add_event("StorageStack", "ROLLBACK_COMPLETE")
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_COMPLETE", "Topic")
    events = read_events(account.aws(), "arn:StorageStack")
    assert database_deleted_since(events) is None


def test_the_deletion_counts_that_took_the_database_with_it(account: FakeAccount) -> None:
    """A first one that a backup refused does not: a snapshot that was made by hand meanwhile is not the final one."""
    for status in ("DELETE_FAILED", "DELETE_COMPLETE"):
        account.add_event("StorageStack", "DELETE_IN_PROGRESS")
        account.add_event("StorageStack", status, "Database", kind="AWS::RDS::DBInstance")
    events = read_events(account.aws(), "arn:StorageStack")
    first, second = (it.time for it in events if it.about_stack)
    assert first < second
    assert database_deleted_since(events) == second


def test_a_release_record_that_was_deleted_by_hand_is_refused(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """CloudFormation does not write it again, and ComputeStack could not be made."""
    account.add_stack("ArtifactStack")
    (refusal,) = plan_start(account.aws(settings), project("exit 1")).refusals
    name = settings.names.release_parameter
    assert f"`aws ssm put-parameter --name {name} --type String --value IMAGE`" in refusal
    account.parameters[name] = "public.ecr.aws/example/api:1"
    assert plan_start(account.aws(settings), project("exit 1")).refusals == ()
