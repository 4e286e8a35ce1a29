"""A trial of a restore that is ended by a signal deletes its instance, which costs money."""

import signal
from typing import Any, NoReturn

import pytest

from ops.errors import ExitCode
from ops.month.restore import trial
from tests.support.fakes import FINAL, FakeAccount, FakeRds
from tests.unit.ops.cli.conftest import Run

MADE: Any = {
    "DBInstanceIdentifier": "nestjs-hannibal-3-db-trial",
    "DBInstanceStatus": "available",
    "TagList": [{"Key": "RestoredTo", "Value": FINAL}],
}


@pytest.mark.usefixtures("with_terminal")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, ExitCode.CANCELLED)]
)
def test_the_instance_is_deleted(
    run: Run, account: FakeAccount, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    deleted: list[str] = []
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.add_snapshot(FINAL)

    def restore(_: FakeRds, **_asked: Any) -> None:
        account.others = [MADE]

    def delete(_: FakeRds, DBInstanceIdentifier: str, **_others: Any) -> None:  # noqa: N803 - boto3's name
        deleted.append(DBInstanceIdentifier)
        account.others = []

    def run_on(*_: Any, **__: Any) -> Any:
        signal.raise_signal(number)

    monkeypatch.setattr(trial, "restore_options", lambda *_: {"EnableCloudwatchLogsExports": []})
    monkeypatch.setattr(trial, "_wait_until_steady", run_on)
    monkeypatch.setattr(FakeRds, "restore_db_instance_from_db_snapshot", restore, raising=False)
    monkeypatch.setattr(FakeRds, "delete_db_instance", delete, raising=False)
    ended = run("snapshots", "try", "--yes")
    assert (ended.exit_code, deleted) == (code, ["nestjs-hannibal-3-db-trial"])
    assert ("hannibal restore --let-go" in ended.stderr) == (number == signal.SIGINT)
    assert "it continues" not in ended.output


@pytest.mark.usefixtures("with_terminal")
def test_the_instance_is_deleted_although_nothing_can_be_printed(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[Any] = []
    account.others = [MADE]

    def closed(_: str) -> NoReturn:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(trial, "delete_copies", lambda _, copies: deleted.extend(copies))
    with trial._trial_deleted(account.aws(), closed):
        pass
    assert [it.name for it in deleted] == ["nestjs-hannibal-3-db-trial"]
