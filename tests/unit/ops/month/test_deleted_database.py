"""Which deletion of StorageStack took the database with it."""

from ops.month.stop import database_deleted_since
from ops.stacks.events import read_events
from tests.support.fakes import FakeAccount


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
