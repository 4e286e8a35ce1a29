from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation import names
from installation.settings import Settings
from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.month import stop as stop_module
from ops.month.overtaken import require_ended
from ops.month.stop import StopResult, plan_stop, stop
from ops.service import database_status
from ops.stacks.checkout import Checkout
from ops.stacks.planned_actions import StackStep
from ops.stacks.watch import Watching
from tests.support.aws import aws_of, given
from tests.support.clock import Clock
from tests.support.fakes import FINAL, NOW, FakeAccount

Make = Callable[[str], Checkout]


def destroyed(account: FakeAccount) -> None:
    """What CloudFormation does when the month's stacks are destroyed."""
    for name in names.EPHEMERAL_STACKS:
        account.stacks.pop(name, None)
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_IN_PROGRESS", "Database", kind="AWS::RDS::DBInstance")
    account.add_event("StorageStack", "DELETE_COMPLETE", "Database", kind="AWS::RDS::DBInstance")
    account.add_event("StorageStack", "DELETE_COMPLETE")
    account.deleted_stacks = [{"StackName": "StorageStack", "StackId": "arn:StorageStack", "DeletionTime": NOW}]


def run(
    account: FakeAccount, settings: Settings, project: Checkout, *, meanwhile: Callable[[], None] = lambda: None
) -> StopResult:
    aws = account.aws(settings)
    plan = plan_stop(aws)
    done: list[bool] = []

    def view(_: Any) -> None:
        if not done:
            done.append(True)
            meanwhile()

    polling = Polling(seconds=0.01, sleep=lambda _: None)
    return stop(given(aws, settings, polling=polling), project, plan, Watching(view=view))


def test_plan_destroys_the_ephemeral_and_keeps_the_persistent(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    plan = plan_stop(account.aws(settings))
    assert {action.stack: action.step for action in plan.stacks} == dict.fromkeys(
        names.EPHEMERAL_STACKS, StackStep.DESTROY
    )
    assert plan.kept == names.PERSISTENT_STACKS
    assert plan.command == "npx cdk destroy StorageStack ComputeStack EdgeStack -c env=dev --force"
    assert account.changed == []


def test_one_off_tasks_are_named_and_stopped_first(account: FakeAccount, settings: Settings, project: Make) -> None:
    """A cluster with tasks is not deleted, and the bill would go on."""
    account.add_month()
    account.tasks = [
        {"taskArn": "arn:task/cluster/own", "group": f"service:{settings.names.service}", "lastStatus": "RUNNING"},
        {
            "taskArn": "arn:task/cluster/0123456789",
            "group": "hannibal",
            "startedBy": "hannibal/run",
            "lastStatus": "RUNNING",
            "overrides": {"containerOverrides": [{"name": "api", "command": ["node", "a b.js"]}]},
        },
    ]
    plan = plan_stop(account.aws(settings))
    assert [task.text for task in plan.tasks] == ["01234567 (`node 'a b.js'`, started by hannibal/run)"]
    assert account.changed == []
    account.add_snapshot(f"{FINAL}new", days_old=-1)
    run(account, settings, project(""), meanwhile=lambda: destroyed(account))
    assert account.changed[0] == f"stop arn:task/cluster/0123456789 in {settings.names.cluster}: the month ends"


@pytest.mark.parametrize("rest", [(), ("ComputeStack",)])
def test_a_database_without_its_stack_is_not_said_to_end(
    account: FakeAccount, settings: Settings, rest: tuple[str, ...]
) -> None:
    """No deletion of a stack would end it, and a stopped one was started for a snapshot that nobody made."""
    for name in rest:
        account.add_stack(name)
    account.database = {"DBInstanceStatus": "stopped"}
    (refusal,) = plan_stop(account.aws(settings)).refusals
    assert f"start-db-instance --db-instance-identifier {settings.names.database}" in refusal
    assert f"--final-db-snapshot-identifier {settings.names.database}-by-hand" in refusal
    account.database = {"DBInstanceStatus": "deleting"}
    assert plan_stop(account.aws(settings)).refusals == ()


def test_a_running_release_is_refused(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_month()
    account.deployments = {"d-ABC": "InProgress"}
    made = project("touch called")
    with pytest.raises(RefusedError, match="d-ABC is InProgress") as refused:
        run(account, settings, made)
    assert "hannibal rollback" in refused.value.problem
    assert not (made.root / "called").exists()


def test_the_final_snapshot_is_waited_for_and_old_ones_are_pruned(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    for month in range(4):
        account.add_snapshot(f"{FINAL}{month}", days_old=30 * (month + 1), prunable=month > 1)
    account.add_snapshot("by-hand", days_old=200)

    def meanwhile() -> None:
        destroyed(account)
        account.add_snapshot(f"{FINAL}new", days_old=-0.01, status="creating")

    # Run with the credentials by which all this was looked at.
    result = run(account, settings, project('test "$AWS_PROFILE" = of-the-checks'), meanwhile=meanwhile)
    assert result.snapshot is not None
    assert (result.snapshot.name, result.snapshot.status) == (f"{FINAL}new", "available")
    assert result.pruned == (f"{FINAL}2", f"{FINAL}3")
    assert "by-hand" in [snapshot["DBSnapshotIdentifier"] for snapshot in account.snapshots]
    assert {item.name for item in result.leftovers} == {f"{FINAL}new", f"{FINAL}0", f"{FINAL}1", "by-hand"}


def test_without_a_new_snapshot_nothing_is_pruned_and_it_fails(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    for month in range(5):
        account.add_snapshot(f"{FINAL}{month}", days_old=30 * (month + 1))
    with pytest.raises(FailedError, match=f"no snapshot is newer than that: the newest is {FINAL}0"):
        run(account, settings, project("exit 0"), meanwhile=lambda: destroyed(account))
    assert account.changed == []


def test_a_snapshot_of_the_same_second_is_new_enough(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_month()

    def meanwhile() -> None:
        destroyed(account)
        account.events["arn:StorageStack"][0]["Timestamp"] = NOW + timedelta(milliseconds=700)
        account.add_snapshot(f"{FINAL}new", days_old=0)

    assert run(account, settings, project("exit 0"), meanwhile=meanwhile).snapshot is not None


def test_a_repeated_stop_finds_the_month_that_ended(account: FakeAccount, settings: Settings, project: Make) -> None:
    destroyed(account)
    made = project("touch called")
    with pytest.raises(FailedError, match="there is none"):
        run(account, settings, made)
    account.add_snapshot(f"{FINAL}new", days_old=-0.01)
    result = run(account, settings, made)
    assert result.snapshot is not None
    assert result.log is None
    assert not (made.root / "called").exists()


def test_a_stop_of_what_never_ran_is_done(account: FakeAccount, settings: Settings, project: Make) -> None:
    result = run(account, settings, project("exit 1"))
    assert (result.snapshot, result.pruned, result.stacks) == (None, (), ())


def test_a_failed_destroy_is_reported_with_its_first_cause_and_nothing_is_pruned(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    for month in range(5):
        account.add_snapshot(f"{FINAL}{month}", days_old=30 * (month + 1))

    def meanwhile() -> None:
        account.add_stack("ComputeStack", "DELETE_FAILED")
        account.add_event("ComputeStack", "DELETE_FAILED", "Group", reason="has a dependent object")

    made = project("sleep 0.2; exit 1")
    with pytest.raises(FailedError, match=r"ComputeStack: Group .* has a dependent object"):
        run(account, settings, made, meanwhile=meanwhile)
    assert account.changed == []


def test_a_backup_that_begins_while_the_service_goes_is_waited_for(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """Minutes pass until it is the database's turn; RDS's own window for backups is at night, as a month's end is."""
    account.add_month()
    refused = "Cannot create a snapshot because the database instance db is not currently in the available state."
    messages: list[str] = []

    def view(_: Any) -> None:
        if not messages[1:] and account.stacks["StorageStack"]["StackStatus"] != "DELETE_FAILED":
            account.add_stack("StorageStack", "DELETE_FAILED")
            account.add_event("StorageStack", "DELETE_FAILED", "Database", kind="AWS::RDS::DBInstance", reason=refused)
        elif messages[1:] and "StorageStack" in account.stacks:
            destroyed(account)
            account.add_snapshot(f"{FINAL}new", days_old=-1)

    aws = account.aws(settings, polling=Polling(seconds=0.01, sleep=lambda _: None))
    made = project("sleep 0.2; test -e tried && exit 0; touch tried; exit 1")
    result = stop(aws, made, plan_stop(aws), Watching(view=view, notify=messages.append))
    assert result.snapshot is not None
    assert ["npx cdk destroy" in line for line in messages[:3]] == [True, False, True]


def test_a_backup_that_is_being_made_is_waited_for(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RDS makes no final snapshot meanwhile, so that the stack would end in DELETE_FAILED."""
    states = iter(["backing-up", "configuring-iam-database-auth", "available", "available"])
    monkeypatch.setattr(stop_module, "read_database", lambda *_: SimpleNamespace(status=next(states)))
    told: list[str] = []
    clock = Clock()
    stop_module._wait_for_database(account.aws(settings, polling=clock.polling()), told.append)
    waiting = "waiting for the database, which is"
    assert told == [f"{waiting} backing-up", f"{waiting} configuring-iam-database-auth"]
    assert len(clock.slept) == 2


def test_a_database_that_a_pause_has_stopped_is_started_for_its_final_snapshot(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RDS makes none of it (RDS user guide, "Deleting a DB instance"), and the stack would end in DELETE_FAILED."""
    account.add_month()
    account.database = {"DBInstanceStatus": "stopping"}
    assert plan_stop(account.aws(settings)).starts_database
    begun = ["stopping", "stopped", "stopped", "stopped", "starting", "storage-initialization"]
    states = iter([*begun, "storage-initialization", "available"])  # RDS goes on with its storage
    started: list[str] = []

    def read(*_: Any) -> Any:
        return SimpleNamespace(name="shop-db", status=next(states))

    monkeypatch.setattr(stop_module, "read_database", read)
    monkeypatch.setattr(database_status, "read_database", read)
    rds = SimpleNamespace(start_db_instance=lambda **asked: started.append(asked["DBInstanceIdentifier"]))
    told: list[str] = []
    stop_module._wait_for_database(given(aws_of(rds=rds), settings, polling=Clock().polling()), told.append)
    assert started == [settings.names.database]
    assert told[1] == "starting shop-db, because RDS makes no final snapshot of what is stopped"
    assert list(states) == []


def test_a_cdk_that_was_killed_is_called_so(account: FakeAccount, settings: Settings, project: Make) -> None:
    """It has said nothing, and CloudFormation has failed nothing."""
    account.add_month()
    with pytest.raises(FailedError, match="ended from outside, by SIGKILL") as error:
        run(account, settings, project("kill -9 $$"))
    assert error.value.advice[-1] == "Run the command again: it continues."


def test_an_operation_that_another_operator_started_is_reported(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """Their start found ComputeStack gone and StorageStack still there."""
    account.add_month()
    account.add_snapshot(FINAL, days_old=-1)

    def begin() -> None:
        destroyed(account)
        account.add_stack("ComputeStack", "CREATE_IN_PROGRESS")

    with pytest.raises(FailedError, match="ComputeStack is CREATE_IN_PROGRESS, though all of the month was destroyed"):
        run(account, settings, project("exit 0"), meanwhile=begin)


def test_a_stack_that_is_shown_as_before_for_a_moment_is_no_other_operators(
    account: FakeAccount, settings: Settings
) -> None:
    """CloudFormation's answers lag behind (aws-cdk-cli #1802)."""
    account.add_stack("ComputeStack", "DELETE_IN_PROGRESS")
    polling = Polling(sleep=lambda _: account.stacks.clear())
    require_ended(account.aws(settings, polling=polling))
    assert not account.stacks
