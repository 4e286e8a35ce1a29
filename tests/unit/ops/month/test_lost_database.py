"""A start after the database was deleted by hand, or all that was kept of it."""

from collections.abc import Callable

from installation.settings import Settings
from ops.month.start import plan_start
from ops.stacks.checkout import Checkout
from tests.support.fakes import NOW, FakeAccount

Make = Callable[[str], Checkout]


def test_nothing_is_deployed_around_a_database_that_was_deleted_by_hand(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """CloudFormation does not notice, and makes no other one."""
    account.add_month()
    account.database = None
    plan = plan_start(account.aws(settings), project(""))
    assert plan.refusals == ("the database is gone, though StorageStack is there: `hannibal doctor database`",)


def test_an_empty_database_after_a_month_is_called_what_it_is(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """All snapshots were deleted: an operator shall not take that for a first month."""
    account.deleted_stacks = [{"StackName": "StorageStack", "StackId": "arn:StorageStack", "DeletionTime": NOW}]
    assert plan_start(account.aws(settings), project("")).database == "new and empty: there is no snapshot"
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_COMPLETE", "Database", kind="AWS::RDS::DBInstance")
    plan = plan_start(account.aws(settings), project(""))
    assert plan.database.startswith("new and empty: there is no snapshot, although a month ended on 2026-")
    assert plan.refusals == ()
