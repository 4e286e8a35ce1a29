"""A trial whose instance another one deletes, or whose answers are lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from ops.errors import FailedError, RefusedError, UnreachableError
from ops.month.restore import trial
from ops.service.database_instances import read_databases
from tests.support.clock import Clock
from tests.support.fake_clients import client_error
from tests.support.fakes import FINAL, FakeAccount, FakeRds

MADE: Any = {
    "DBInstanceIdentifier": "nestjs-hannibal-3-db-trial",
    "DBInstanceStatus": "available",
    "TagList": [{"Key": "RestoredTo", "Value": FINAL}],
}


def test_a_trial_whose_instance_is_deleted_ends_at_once(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one takes it for what an interrupted trial has left."""
    clock = Clock()
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.add_snapshot(FINAL)
    aws = account.aws(polling=clock.polling())

    def restore(_: FakeRds, **_asked: Any) -> None:
        account.others = [MADE | {"DBInstanceStatus": "creating"}]

    def read(asked: Any) -> Any:
        found = read_databases(asked)
        account.others = []
        return found

    monkeypatch.setattr(trial, "read_databases", read)
    monkeypatch.setattr(trial, "restore_options", lambda *_: {"EnableCloudwatchLogsExports": []})
    monkeypatch.setattr(FakeRds, "restore_db_instance_from_db_snapshot", restore, raising=False)
    with pytest.raises(FailedError, match="was deleted meanwhile"):
        trial.run_trial(aws, lambda _: None)
    assert clock.time < 60


@pytest.fixture
def deleted(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The instance is made, and its answer is lost: botocore's second request finds it there. What is deleted."""
    found: list[str] = []
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.add_snapshot(FINAL)

    def restore(_: FakeRds, **_asked: Any) -> None:
        account.others = [MADE]
        raise client_error("DBInstanceAlreadyExists", "DB instance already exists")

    def delete(_: FakeRds, DBInstanceIdentifier: str, **_others: Any) -> None:  # noqa: N803 - boto3's name
        found.append(DBInstanceIdentifier)
        account.others = []

    monkeypatch.setattr(trial, "restore_options", lambda *_: {"EnableCloudwatchLogsExports": []})
    monkeypatch.setattr(FakeRds, "restore_db_instance_from_db_snapshot", restore, raising=False)
    monkeypatch.setattr(FakeRds, "delete_db_instance", delete, raising=False)
    return found


def test_an_instance_whose_making_was_not_answered_is_tried_and_deleted(
    account: FakeAccount, deleted: list[str]
) -> None:
    assert trial.run_trial(account.aws(polling=Clock().polling()), lambda _: None).snapshot == FINAL
    assert deleted == [account.aws().names.trial_database]


def test_expired_credentials_name_the_instance_that_is_left(
    account: FakeAccount, deleted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(asked: Any) -> Any:
        if account.others:
            raise client_error("ExpiredToken")
        return read_databases(asked)

    monkeypatch.setattr(trial, "read_databases", read)
    with pytest.raises(UnreachableError) as ended:
        trial.run_trial(account.aws(polling=Clock().polling()), lambda _: None)
    assert ended.value.advice[-1].startswith("nestjs-hannibal-3-db-trial may be left, which costs money")
    assert deleted == []


def test_no_trial_begins_while_the_month_ends(account: FakeAccount) -> None:
    """Its instance is in groups that the stacks are about to delete."""
    account.add_month()
    account.add_snapshot(FINAL)
    account.add_stack("EdgeStack", "DELETE_IN_PROGRESS")
    with pytest.raises(RefusedError, match="EdgeStack is DELETE_IN_PROGRESS"):
        trial.newest_restorable(account.aws())


@pytest.mark.parametrize("started", [True, False])
def test_ctrl_c_while_a_check_is_started_leaves_no_task(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, *, started: bool
) -> None:
    """Its database is about to be deleted; what had not started is not stopped."""
    stopped: list[str] = []

    @contextmanager
    def interrupted(*_: Any) -> Iterator[str]:
        if not started:
            raise KeyboardInterrupt
        yield "arn:revision"
        raise KeyboardInterrupt  # while the copied revision is deregistered

    plan = SimpleNamespace(caller=SimpleNamespace(identity="me"), image=SimpleNamespace(uri="api:1"))
    monkeypatch.setattr(trial, "plan_run", lambda *_, **__: plan)
    monkeypatch.setattr(trial, "record_run", lambda *_: None)
    monkeypatch.setattr(trial, "startable_revision", interrupted)
    monkeypatch.setattr(trial, "start_recorded", lambda *_: SimpleNamespace(task=SimpleNamespace(arn="arn:task")))
    monkeypatch.setattr(trial, "stop_task", lambda _, arn, __: stopped.append(arn))
    instance: Any = SimpleNamespace(description={})
    with pytest.raises(KeyboardInterrupt):
        trial._check(account.aws(), instance, "password")
    assert stopped == (["arn:task"] if started else [])
