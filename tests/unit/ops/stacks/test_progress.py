from datetime import timedelta

from ops.stacks.progress import StackWatcher
from tests.support.fakes import NOW, FakeAccount


def test_creation_from_nothing_to_complete(account: FakeAccount) -> None:
    watcher = StackWatcher(account.aws(), ("StorageStack",), clock=lambda: NOW + timedelta(seconds=90))
    (before,) = watcher.poll()
    assert (before.status, before.total, before.elapsed) == (None, None, None)

    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")
    account.changes["StorageStack"] = 3
    account.add_event("StorageStack", "REVIEW_IN_PROGRESS")
    account.add_event("StorageStack", "CREATE_IN_PROGRESS")
    account.add_event("StorageStack", "CREATE_IN_PROGRESS", "Topic")
    account.add_event("StorageStack", "CREATE_COMPLETE", "Topic")
    account.add_event("StorageStack", "CREATE_IN_PROGRESS", "Database")
    (during,) = watcher.poll()
    assert (during.done, during.total, during.working_on) == (1, 3, ("Database",))
    assert during.elapsed == timedelta(seconds=89)
    assert during.in_progress

    account.add_stack("StorageStack", "CREATE_COMPLETE")
    account.add_event("StorageStack", "CREATE_COMPLETE", "Database")
    account.add_event("StorageStack", "CREATE_COMPLETE", "Rest")
    account.add_event("StorageStack", "CREATE_COMPLETE")
    (after,) = watcher.poll()
    assert (after.status, after.done, after.total) == ("CREATE_COMPLETE", 3, 3)
    assert after.elapsed == timedelta(seconds=6)


def test_a_creation_that_begins_between_two_reads_is_none_in_review(account: FakeAccount) -> None:
    watcher = StackWatcher(account.aws(), ("NetworkStack",))
    account.add_stack("NetworkStack", "REVIEW_IN_PROGRESS")
    account.changes["NetworkStack"] = 1
    account.add_event("NetworkStack", "REVIEW_IN_PROGRESS")
    (before,) = watcher.poll()
    assert (before.status, before.elapsed) == ("REVIEW_IN_PROGRESS", None)
    del account.stacks["NetworkStack"]

    watcher = StackWatcher(account.aws(), ("NetworkStack",))
    account.add_stack("NetworkStack", "REVIEW_IN_PROGRESS")  # what was read of the stack is older than its events
    account.add_event("NetworkStack", "CREATE_IN_PROGRESS")
    account.add_event("NetworkStack", "CREATE_COMPLETE", "Vpc")
    account.add_event("NetworkStack", "CREATE_COMPLETE")
    (during,) = watcher.poll()
    assert (during.status, during.done, during.total) == ("CREATE_COMPLETE", 1, 1)


def test_history_before_the_watch_does_not_count(account: FakeAccount) -> None:
    account.add_stack("StorageStack")
    account.add_event("StorageStack", "CREATE_IN_PROGRESS")
    account.add_event("StorageStack", "CREATE_FAILED", "Old", reason="long ago")
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    (progress,) = watcher.poll()
    assert progress.failures == ()
    assert progress.elapsed is None
    assert watcher.events == ()


def test_a_running_operation_is_taken_over(account: FakeAccount) -> None:
    account.add_stack("StorageStack", "UPDATE_IN_PROGRESS")
    account.add_event("StorageStack", "CREATE_FAILED", "Old", reason="an earlier operation")
    account.add_event("StorageStack", "UPDATE_IN_PROGRESS")
    account.add_event("StorageStack", "UPDATE_FAILED", "New", reason="this one")
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    (progress,) = watcher.poll()
    assert [failure.logical_id for failure in progress.failures] == ["New"]


def test_a_deleted_stack_is_followed_by_its_id(account: FakeAccount) -> None:
    account.add_stack("StorageStack")
    account.resources["arn:StorageStack"] = [
        {"LogicalResourceId": f"R{n}", "ResourceType": "T", "ResourceStatus": "CREATE_COMPLETE"} for n in range(2)
    ]
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    account.add_stack("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    assert watcher.poll()[0].total == 2
    del account.stacks["StorageStack"]
    account.add_event("StorageStack", "DELETE_COMPLETE", "R0")
    account.add_event("StorageStack", "DELETE_COMPLETE", "R1")
    account.add_event("StorageStack", "DELETE_COMPLETE")
    (progress,) = watcher.poll()
    assert (progress.status, progress.done, progress.total) == ("DELETE_COMPLETE", 2, 2)


def test_a_stack_made_anew_starts_over(account: FakeAccount) -> None:
    account.add_stack("StorageStack", "ROLLBACK_COMPLETE")
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    account.add_stack("StorageStack", "CREATE_COMPLETE", StackId="arn:new")
    account.events["arn:new"] = []
    account.add_event("new", "CREATE_IN_PROGRESS")
    account.add_event("new", "CREATE_COMPLETE", "Topic")
    (progress,) = watcher.poll()
    assert (progress.status, progress.done, progress.total) == ("CREATE_COMPLETE", 1, 1)


def test_a_change_set_that_was_executed_is_found_by_its_arn(account: FakeAccount) -> None:
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    account.add_stack("StorageStack", "UPDATE_IN_PROGRESS", ChangeSetId="arn:change-set")
    account.changes["StorageStack"] = 5
    account.add_event("StorageStack", "UPDATE_IN_PROGRESS")
    assert watcher.poll()[0].total == 5


def test_more_changes_done_than_planned_stay_within_the_total(account: FakeAccount) -> None:
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    account.add_stack("StorageStack", "UPDATE_COMPLETE")
    account.changes["StorageStack"] = 1
    account.add_event("StorageStack", "UPDATE_IN_PROGRESS")
    account.add_event("StorageStack", "UPDATE_COMPLETE", "Changed")
    account.add_event("StorageStack", "DELETE_COMPLETE", "CleanedUp")
    (progress,) = watcher.poll()
    assert (progress.done, progress.total) == (1, 1)
