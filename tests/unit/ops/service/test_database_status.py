from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.polling import without_repeats
from ops.errors import FailedError
from ops.service import database_status
from ops.service.database_status import start_database
from tests.support.aws import aws_of
from tests.support.clock import Clock


def test_a_database_that_does_not_start_is_an_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter(["stopped", "stopped", "starting", "insufficient-capacity"])
    monkeypatch.setattr(
        database_status, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=next(shown))
    )
    rds = SimpleNamespace(start_db_instance=lambda **_: None)
    told: list[str] = []
    with pytest.raises(FailedError, match="does not start: it is insufficient-capacity"):
        start_database(aws_of(rds=rds, settings=settings, polling=Clock().polling()), without_repeats(told.append))
    assert told == ["waiting for the database, which is stopped", "waiting for the database, which is starting"]


def test_a_resume_does_not_undo_a_pause_that_was_begun_since(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It started the database once more, and the month ran on after the other one's "Paused."."""
    shown = iter(["stopping", "stopped", "starting", "stopping", "stopped"])
    monkeypatch.setattr(
        database_status, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=next(shown))
    )
    asked: list[str] = []
    rds = SimpleNamespace(start_db_instance=lambda **asking: asked.append(str(asking)))
    with pytest.raises(FailedError, match="is stopped again, by another command or by the schedule"):
        start_database(aws_of(rds=rds, settings=settings, polling=Clock().polling()), print)
    assert len(asked) == 1


def test_a_database_that_is_shown_as_stopped_while_it_starts_is_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RDS shows a change a moment late, and the schedule of the morning may have begun it."""
    shown = iter(["stopped", "stopped", "starting", "available"])
    monkeypatch.setattr(
        database_status, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=next(shown))
    )
    asked: list[str] = []

    def start(DBInstanceIdentifier: str) -> None:  # noqa: N803 - boto3's name
        asked.append(DBInstanceIdentifier)
        if len(asked) > 1:
            raise ClientError({"Error": {"Code": "InvalidDBInstanceState"}}, "StartDBInstance")

    rds = SimpleNamespace(start_db_instance=start)
    start_database(aws_of(rds=rds, settings=settings, polling=Clock().polling()), print)
    assert asked == [settings.names.database] * 2
