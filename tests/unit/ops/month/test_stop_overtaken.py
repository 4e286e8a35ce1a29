"""A stop that another operator's command has overtaken."""

from collections.abc import Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from installation import names
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.month.stop import plan_stop, stop
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.support.fakes import FakeAccount

Make = Callable[[str], Checkout]


@pytest.mark.parametrize("begun", ["release", "restore"])
def test_an_operation_begun_since_the_plan_is_not_ended(
    account: FakeAccount, settings: Settings, project: Make, begun: str
) -> None:
    """A person reads the plan and types the project's name, which takes its time."""
    account.add_month()
    aws = account.aws(settings)
    plan = plan_stop(aws)
    assert plan.refusals == ()
    if begun == "release":
        account.deployments["d-1"] = "InProgress"
    else:
        coming = {"DBInstanceIdentifier": settings.names.coming_database, "DBInstanceStatus": "creating"}
        account.others = [coming | {"TagList": [{"Key": "RestoredTo", "Value": "by-hand"}]}]
    with pytest.raises(RefusedError, match=f"a {begun}"):
        stop(aws, project("exit 1"), plan, Watching())
    assert account.changed == []


def test_a_release_that_kept_a_stack_from_being_deleted_is_named(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """CodeDeploy deletes no group with a deployment; both commands began in the same second."""
    account.add_month()
    aws = account.aws(settings)

    def begin(_: object) -> None:
        account.deployments["d-1"] = "InProgress"

    with pytest.raises(FailedError) as error:
        stop(aws, project("exit 1"), plan_stop(aws), Watching(view=begin))
    assert "d-1 is InProgress" in error.value.advice[0]
    assert "`hannibal rollback`" in error.value.advice[0]


def test_a_failed_call_does_not_hide_why_a_destroy_failed(
    account: FakeAccount, settings: Settings, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add_month()
    aws = account.aws(settings)

    def begin(_: object) -> None:
        def lost(_: Aws) -> list[str]:
            raise EndpointConnectionError(endpoint_url="https://aws")

        monkeypatch.setattr("ops.month.stop.running_release_refusals", lost)

    with pytest.raises(FailedError, match="the CDK failed before CloudFormation did") as error:
        stop(aws, project("echo its cause; exit 1"), plan_stop(aws), Watching(view=begin))
    assert "its cause" in error.value.advice


@pytest.mark.parametrize(("before", "was"), [("", "did not exist"), ("DELETE_IN_PROGRESS", "was DELETE_IN_PROGRESS")])
@pytest.mark.parametrize("state", ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"])
def test_a_month_that_began_since_the_plan_is_not_destroyed(
    account: FakeAccount, settings: Settings, project: Make, before: str, was: str, state: str
) -> None:
    """The person has confirmed a plan without it."""
    if before:
        account.add_stack("StorageStack", before)
    aws, made = account.aws(settings, polling=Polling(sleep=lambda _: pytest.fail("waited"))), project("touch called")
    plan = plan_stop(aws)
    account.add_stack("StorageStack", state)
    with pytest.raises(RefusedError, match=f"StorageStack is {state}, and {was} when this was planned") as error:
        stop(aws, made, plan, Watching())
    assert "another operator has begun a start meanwhile" in str(error.value)
    assert not (made.root / "called").exists()
    assert account.changed == []


@pytest.mark.parametrize("before", ["", "StorageStack"])
def test_a_change_set_of_another_operator_is_no_start(
    account: FakeAccount, settings: Settings, project: Make, before: str
) -> None:
    """`cdk diff` makes an empty stack for its change set, and would fail without it."""
    if before:
        account.add_stack(before, "DELETE_FAILED")
    aws, made = account.aws(settings, polling=Polling(sleep=lambda _: None)), project("touch called")
    plan = plan_stop(aws)
    account.add_stack("ComputeStack", "REVIEW_IN_PROGRESS")
    account.stacks.pop(before, None)
    if before:
        account.add_stack("StorageStack", "REVIEW_IN_PROGRESS")
    stop(aws, made, plan, Watching())
    assert (made.root / "called").exists() is bool(before)


def test_a_start_after_a_change_set_that_the_plan_shows_is_not_ended(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """Nothing was in it when the person confirmed its deletion."""
    account.add_stack("StorageStack", "REVIEW_IN_PROGRESS")
    aws, made = account.aws(settings), project("touch called")
    plan = plan_stop(aws)
    account.add_stack("StorageStack", "CREATE_COMPLETE")
    with pytest.raises(RefusedError, match="StorageStack is CREATE_COMPLETE, and was REVIEW_IN_PROGRESS when"):
        stop(aws, made, plan, Watching())
    assert not (made.root / "called").exists()


def test_a_month_that_begins_while_a_stop_waits_is_not_destroyed(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """Another operator's CDK begins with ComputeStack when StorageStack is there."""
    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")

    def sleep(_: float) -> None:
        account.add_stack("StorageStack")
        account.add_stack("ComputeStack")

    aws, made = account.aws(settings, polling=Polling(sleep=sleep)), project("touch called")
    with pytest.raises(RefusedError, match="ComputeStack is CREATE_COMPLETE, and did not exist"):
        stop(aws, made, plan_stop(aws), Watching())
    assert not (made.root / "called").exists()


def test_a_service_that_is_made_while_a_stop_waits_for_a_backup_is_not_destroyed(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    del account.stacks["ComputeStack"]
    account.database = {"DBInstanceStatus": "backing-up"}

    def sleep(_: float) -> None:
        account.add_month()

    aws, made = account.aws(settings, polling=Polling(sleep=sleep)), project("touch called")
    with pytest.raises(FailedError, match="ComputeStack is CREATE_COMPLETE, and did not exist"):
        stop(aws, made, plan_stop(aws), Watching())
    assert not (made.root / "called").exists()


def test_what_was_being_deleted_and_could_not_be_is_deleted_again(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("ComputeStack", "DELETE_IN_PROGRESS")
    aws, made = account.aws(settings, polling=Polling(sleep=lambda _: None)), project("touch called")
    plan = plan_stop(aws)
    account.add_stack("ComputeStack", "DELETE_FAILED")
    with pytest.raises(FailedError, match="ComputeStack is DELETE_FAILED, though"):  # this CDK deletes nothing
        stop(aws, made, plan, Watching())
    assert (made.root / "called").exists()


@pytest.mark.parametrize("kind", ["former", "trial"])
def test_a_database_that_came_since_the_plan_is_not_deleted(
    account: FakeAccount, settings: Settings, project: Make, kind: str
) -> None:
    account.add_month()
    aws, made = account.aws(settings), project("touch called")
    plan = plan_stop(aws)
    name = f"{settings.names.former_databases}20261124-120000" if kind == "former" else settings.names.trial_database
    came = {"DBInstanceIdentifier": name, "DBInstanceStatus": "available"}
    account.others = [came | {"TagList": [{"Key": "RestoredTo", "Value": "by-hand"}]}]
    with pytest.raises(RefusedError, match=f"{name} was not there when this was planned"):
        stop(aws, made, plan, Watching())
    assert set(account.stacks) == set(names.ALL_STACKS)
    assert not (made.root / "called").exists()
