"""Two operators: a start while another ends the month, and what another begins while a person reads a plan."""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from installation.names import EPHEMERAL_STACKS
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.month.overtaken import unconfirmed_creations
from ops.month.start import plan_start, start
from ops.month.stop import plan_stop, stop
from ops.stacks.checkout import Checkout
from ops.stacks.planned_actions import StackStep, planned_deployment
from ops.stacks.progress import StackProgress
from ops.stacks.state import read_stack
from ops.stacks.watch import Watching
from tests.support.aws import given
from tests.support.fakes import FakeAccount

Make = Callable[[str], Checkout]


@pytest.mark.parametrize(
    ("runs", "deleted"), [(True, "EdgeStack"), (True, "ComputeStack"), (True, "StorageStack"), (False, "StorageStack")]
)
def test_a_start_ends_when_another_operator_ends_the_month(
    account: FakeAccount, settings: Settings, project: Make, runs: bool, deleted: str
) -> None:
    """The CDK would create a service for a database that is gone, and ECS tries to start its tasks for hours."""
    if runs:
        account.add_month()
    aws, made = account.aws(settings), project("sleep 60 & wait; touch ended")
    plan = plan_start(aws, made)

    def view(_: tuple[StackProgress, ...]) -> None:
        account.add_stack(deleted, "DELETE_IN_PROGRESS")

    with pytest.raises(FailedError, match=f"{deleted} is DELETE_IN_PROGRESS: another operator") as error:
        start(given(aws, settings, polling=Polling(seconds=0.01)), made, plan, watching=Watching(view=view))
    assert "`hannibal start` again, or `hannibal stop`" in error.value.advice[0]
    assert not (made.root / "ended").exists()


def test_a_start_lets_the_cdk_remove_what_a_failed_creation_has_left(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("StorageStack", "ROLLBACK_COMPLETE")
    aws, made = account.aws(settings), project("sleep 0.2")
    plan = plan_start(aws, made)

    def view(_: tuple[StackProgress, ...]) -> None:
        account.add_stack("StorageStack", "DELETE_IN_PROGRESS")

    start(given(aws, settings, polling=Polling(seconds=0.01)), made, plan, watching=Watching(view=view))


@pytest.mark.parametrize(
    ("storage", "step"),
    [
        ("", StackStep.DESTROY),
        ("DELETE_IN_PROGRESS", StackStep.DESTROY),
        ("CREATE_COMPLETE", StackStep.WAIT),
    ],
)
def test_a_stop_does_not_wait_for_a_service_whose_database_is_gone(
    account: FakeAccount, settings: Settings, storage: str, step: StackStep
) -> None:
    if storage:
        account.add_stack("StorageStack", storage)
    account.add_stack("ComputeStack", "CREATE_IN_PROGRESS")
    plan = plan_stop(account.aws(settings))
    assert {it.stack: it.step for it in plan.stacks}["ComputeStack"] is step
    assert plan.refusals == ()


def test_a_month_whose_end_begins_between_two_calls_is_said_to_end(
    account: FakeAccount, settings: Settings, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add_month()

    def service(_: Aws) -> None:
        account.add_stack("ComputeStack", "DELETE_IN_PROGRESS")

    monkeypatch.setattr("ops.month.start.describe_active_service", service)
    (reason,) = plan_start(account.aws(settings), project("exit 1")).refusals
    assert "another operator has begun to end the month" in reason


@pytest.mark.parametrize("carry_out", ["start", "stop"])
def test_what_another_operator_begins_while_a_person_reads_the_plan_is_waited_for(
    account: FakeAccount, settings: Settings, project: Make, carry_out: str
) -> None:
    """The CDK fails at a stack that is being created, or deploys what is based on it too early."""
    account.add_month()
    aws, made = account.aws(settings), project("touch called")
    starting, stopping = plan_start(aws, made), plan_stop(aws)
    account.add_stack("ComputeStack", "UPDATE_IN_PROGRESS")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")

    def sleep(_: float) -> None:
        if account.stacks["ComputeStack"]["StackStatus"] == "UPDATE_IN_PROGRESS":
            assert not (made.root / "called").exists()
        account.add_stack("ComputeStack", "UPDATE_COMPLETE")

    polled, told = given(aws, settings, polling=Polling(sleep=sleep)), list[str]()
    watching = Watching(notify=told.append)
    if carry_out == "start":
        start(polled, made, starting, watching=watching)
    else:
        with pytest.raises(FailedError, match="ComputeStack is UPDATE_COMPLETE"):  # this CDK deletes nothing
            stop(polled, made, stopping, watching)
    assert told[0] == "waiting for what CloudFormation is still working on"
    assert (made.root / "called").exists()


def test_a_start_is_planned_on_what_is_there_when_the_awaited_end_is_over(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """A start right after a stop: while its plan is read, ComputeStack goes, whose image nobody could pull any more."""
    account.add_month()
    account.add_stack("ComputeStack", "DELETE_IN_PROGRESS")
    account.parameters[settings.names.release_parameter] = f"{account.number}.dkr.ecr.ap-northeast-1.amazonaws.com/a:1"
    account.missing_images = ("1",)
    aws, made = account.aws(settings), project("touch called")
    plan = plan_start(aws, made)
    assert plan.refusals == ()
    del account.stacks["ComputeStack"]
    with pytest.raises(RefusedError, match="which no task could start"):
        start(aws, made, plan, watching=Watching())
    assert not (made.root / "called").exists()


@pytest.mark.parametrize("state", ["", "DELETE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_month_that_ended_since_the_plan_is_not_begun_again(
    account: FakeAccount, settings: Settings, project: Make, state: str
) -> None:
    """The person has confirmed an update of what ran, and another operator has ended the month."""
    account.add_month()
    aws, made = account.aws(settings, polling=Polling(sleep=lambda _: pytest.fail("waited"))), project("touch called")
    plan = plan_start(aws, made)
    account.database = None
    for name in ("EdgeStack", "ComputeStack", "StorageStack"):
        account.stacks.pop(name)
    if state:
        account.add_stack("StorageStack", state)
    account.parameters[settings.names.release_parameter] = "public.ecr.aws/example/api:1"
    found = f"is {state}" if state else "does not exist"
    with pytest.raises(RefusedError, match=f"StorageStack {found}, and was CREATE_COMPLETE when this was planned"):
        start(aws, made, plan, watching=Watching())
    assert not (made.root / "called").exists()


def test_a_month_that_ends_while_a_start_waits_is_not_begun_again(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    account.add_stack("EdgeStack", "UPDATE_IN_PROGRESS")
    made = project("touch called")
    plan = plan_start(account.aws(settings), made)

    def sleep(_: float) -> None:
        account.stacks.pop("EdgeStack", None)

    with pytest.raises(RefusedError, match="EdgeStack does not exist, and was UPDATE_IN_PROGRESS when"):
        start(account.aws(settings, polling=Polling(sleep=sleep)), made, plan, watching=Watching())
    assert not (made.root / "called").exists()


def _start_while(
    account: FakeAccount, settings: Settings, made: Checkout, *polls: dict[str, str], snapshot: bool = True
) -> None:
    """Plan a start, and carry it out while another operator's command leaves these stacks of the month at each poll.

    From the last one on they stay. A snapshot is there when StorageStack is gone.
    """
    plan, left = plan_start(account.aws(settings), made), list(polls)

    def sleep(_: float) -> None:
        for name in EPHEMERAL_STACKS:
            account.stacks.pop(name, None)
        for name, state in (left.pop(0) if len(left) > 1 else left[0]).items():
            account.add_stack(name, state)
        if "StorageStack" not in account.stacks:
            account.database = None
            account.snapshots.clear()
            if snapshot:
                account.add_snapshot("final")

    account.parameters[settings.names.release_parameter] = "public.ecr.aws/example/api:1"
    start(account.aws(settings, polling=Polling(sleep=sleep)), made, plan, watching=Watching())


@pytest.mark.parametrize("first", ["ComputeStack", "EdgeStack"])
@pytest.mark.parametrize("snapshot", [True, False])
def test_a_start_goes_on_after_the_end_of_a_month_that_its_plan_shows(
    account: FakeAccount, settings: Settings, project: Make, first: str, snapshot: bool
) -> None:
    """`start` itself advises to run it again, which waits; its database comes from that month's final snapshot."""
    account.add_month()
    if first == "ComputeStack":
        del account.stacks["EdgeStack"]
    account.add_stack(first, "DELETE_IN_PROGRESS")
    made = project("touch called")
    polls = [{"ComputeStack": "DELETE_IN_PROGRESS", "StorageStack": "CREATE_COMPLETE"}] if first == "EdgeStack" else []
    with nullcontext() if snapshot else pytest.raises(RefusedError, match="StorageStack does not exist, and was"):
        _start_while(account, settings, made, *polls, {"StorageStack": "DELETE_IN_PROGRESS"}, {}, snapshot=snapshot)
    assert (made.root / "called").exists() is snapshot


@pytest.mark.parametrize("gone", ["ComputeStack", "StorageStack", "AuditStack"])
def test_a_deletion_that_its_plan_shows_confirms_nothing_else(
    account: FakeAccount, settings: Settings, project: Make, gone: str
) -> None:
    """EdgeStack goes first; ComputeStack is not deleted before what depends on it."""
    account.add_month()
    account.add_snapshot("final")
    account.add_stack("StorageStack" if gone == "ComputeStack" else "EdgeStack", "DELETE_IN_PROGRESS")
    if gone == "StorageStack":
        settings = settings.model_copy(
            update={"edge": settings.edge.model_copy(update={"hosted_zone_id": "Z1", "domain": "app.example.com"})}
        )
        assert settings.lifecycles.edge_outlives_the_month
    confirmed = [planned_deployment(name, read_stack(account.aws(settings), name)) for name in settings.lifecycles.all]
    del account.stacks[gone]
    later = [planned_deployment(name, read_stack(account.aws(settings), name)) for name in settings.lifecycles.all]
    plans = [SimpleNamespace(stacks=tuple(it), restored=True, deleting=False, database="") for it in (confirmed, later)]
    (reason,) = unconfirmed_creations(*plans)
    assert reason.startswith(f"{gone} does not exist, and was CREATE_COMPLETE when this was planned")


@pytest.mark.parametrize("state", ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_creation_that_is_waited_for_and_taken_back_is_begun_again(
    account: FakeAccount, settings: Settings, project: Make, state: str
) -> None:
    account.add_month()
    del account.stacks["EdgeStack"]
    account.add_stack("ComputeStack", state)
    made, storage = project("touch called"), {"StorageStack": "CREATE_COMPLETE"}
    _start_while(account, settings, made, storage | {"ComputeStack": "DELETE_IN_PROGRESS"}, storage)
    assert (made.root / "called").exists()


def test_a_database_whose_creation_was_taken_back_is_not_created_empty(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")
    made = project("touch called")
    with pytest.raises(RefusedError, match="StorageStack does not exist, and was CREATE_IN_PROGRESS"):
        _start_while(account, settings, made, {}, snapshot=False)
    assert not (made.root / "called").exists()


def test_a_start_right_after_a_stop_needs_no_second_question(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """What the plan waits for is what it creates."""
    account.add_stack("StorageStack", "DELETE_IN_PROGRESS")
    account.database = {"DBInstanceStatus": "deleting"}
    aws, made = account.aws(settings), project("touch called")
    plan = plan_start(aws, made)
    account.database = None
    account.stacks.clear()
    account.add_snapshot("final")
    start(aws, made, plan, watching=Watching())
    assert (made.root / "called").exists()


@pytest.mark.parametrize("kept", [True, False])
def test_a_month_does_not_begin_empty_where_the_plan_restored(
    account: FakeAccount, settings: Settings, project: Make, kept: bool
) -> None:
    if kept:
        account.add_snapshot("final")
    else:
        account.database = {"DBInstanceStatus": "deleting"}
    aws, made = account.aws(settings), project("touch called")
    plan = plan_start(aws, made)
    account.database = None
    account.snapshots.clear()
    with pytest.raises(RefusedError, match="the database would be new and empty: there is no snapshot"):
        start(aws, made, plan, watching=Watching())
    assert not (made.root / "called").exists()


def test_a_service_whose_database_is_gone_is_not_waited_for(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """ECS tries for hours to start its tasks."""
    account.add_stack("ArtifactStack")
    account.add_stack("ComputeStack", "CREATE_IN_PROGRESS")
    refusals = plan_start(account.aws(settings), project("exit 1")).refusals
    assert "`hannibal stop`, then start again" in refusals[0]
