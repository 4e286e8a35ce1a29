"""A trial whose instance another one deletes."""

from typing import Any

import pytest

from ops.errors import FailedError, RefusedError
from ops.month.restore import trial
from ops.service.database_instances import read_databases
from tests.support.clock import Clock
from tests.support.fakes import FINAL, FakeAccount, FakeRds


def test_a_trial_whose_instance_is_deleted_ends_at_once(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one takes it for what an interrupted trial has left."""
    clock = Clock()
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.add_snapshot(FINAL)
    aws = account.aws(polling=clock.polling())

    def restore(_: FakeRds, **asked: Any) -> None:
        account.others = [{"DBInstanceIdentifier": asked["DBInstanceIdentifier"], "DBInstanceStatus": "creating"}]

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


def test_no_trial_begins_while_the_month_ends(account: FakeAccount) -> None:
    """Its instance is in groups that the stacks are about to delete."""
    account.add_month()
    account.add_snapshot(FINAL)
    account.add_stack("EdgeStack", "DELETE_IN_PROGRESS")
    with pytest.raises(RefusedError, match="EdgeStack is DELETE_IN_PROGRESS"):
        trial.newest_restorable(account.aws())
