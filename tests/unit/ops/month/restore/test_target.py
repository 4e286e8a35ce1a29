"""What can be restored, and what is refused with the reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.errors import UnusableInputError
from ops.month.restore.target import find_source, parse_target, read_windows
from ops.service.database_instances import Databases, Instance
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

NAMES = load_settings("dev").names
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def instance(name: str, **more: Any) -> Instance:
    description: Any = {"EngineVersion": "18.3", "MasterUsername": "hannibal", **more}
    return Instance(
        name=name,
        status="available",
        arn=f"arn:aws:rds:ap-northeast-1:123456789012:db:{name}",
        created=NOW,
        instance_class="db.t4g.micro",
        storage_gib=20,
        multi_az=False,
        restored_to="",
        changing=False,
        description=description,
    )


class FakeRds:
    """Backups of two instances, and one snapshot."""

    def __init__(self, snapshot: dict[str, Any] | None = None, error: str = "DBSnapshotNotFound") -> None:
        self._snapshot, self._error = snapshot, error

    def describe_db_instance_automated_backups(self, DBInstanceIdentifier: str) -> Any:  # noqa: N803
        begins = NOW - timedelta(hours=1 if DBInstanceIdentifier == NAMES.database else 48)
        window = {"EarliestTime": begins, "LatestTime": begins + timedelta(minutes=55)}
        return {"DBInstanceAutomatedBackups": [{"RestoreWindow": window}]}

    def describe_db_snapshots(self, DBSnapshotIdentifier: str) -> Any:  # noqa: N803
        if self._snapshot is None:
            raise client_error(self._error)
        return {"DBSnapshots": [{"DBSnapshotIdentifier": DBSnapshotIdentifier, **self._snapshot}]}


def sources(text: str, snapshot: dict[str, Any] | None = None) -> Any:
    former = instance(f"{NAMES.former_databases}20261126-080000")
    databases = Databases(current=instance(NAMES.database), coming=None, former=(former,), trial=None)
    rds: Any = FakeRds(snapshot)
    return find_source(aws_of(rds=rds), parse_target(text), databases)


def test_a_moment_needs_its_time_zone() -> None:
    assert parse_target("2026-11-26T17:30:00.9+09:00").text == "2026-11-26T08:30:00Z"
    assert parse_target("a-snapshot").moment is None
    assert parse_target("0001-01-01T00:00+14:00").moment is None  # which is in no calendar of UTC
    with pytest.raises(UnusableInputError, match="has no time zone"):
        parse_target("2026-11-26T17:30")


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_text_is_no_snapshot(text: str) -> None:
    """RDS answers with all of them, and the database was to be restored from the backups of one without a name."""
    with pytest.raises(UnusableInputError, match="neither a moment nor a snapshot is given"):
        parse_target(text)


def test_the_rows_of_a_moment_are_in_the_backups_of_the_instance_of_then() -> None:
    now, refusals = sources("2026-11-26T08:30Z")
    assert (now.instance, refusals) == (NAMES.database, ())
    earlier, refusals = sources("2026-11-24T09:30Z")
    assert (earlier.instance, refusals) == (f"{NAMES.former_databases}20261126-080000", ())
    nowhere, refusals = sources("2026-11-25T00:00Z")
    assert nowhere is None
    assert "2026-11-26 08:00:00Z to 2026-11-26 08:55:00Z" in refusals[0]


def test_backups_that_were_kept_of_a_deleted_instance_of_the_name_are_restored_by_its_id() -> None:
    """As `restore` itself advises where RDS has given the month's instance up: the copy has its name afterwards."""

    class Kept(FakeRds):
        def describe_db_instance_automated_backups(self, DBInstanceIdentifier: str) -> Any:  # noqa: N803
            answer = super().describe_db_instance_automated_backups(DBInstanceIdentifier)
            window = {"EarliestTime": NOW - timedelta(days=1), "LatestTime": NOW - timedelta(hours=20)}
            kept = {"Status": "retained", "DbiResourceId": "db-OLD", "RestoreWindow": window}
            (active,) = answer["DBInstanceAutomatedBackups"]
            return {"DBInstanceAutomatedBackups": [kept, {"Status": "active", "DbiResourceId": "db-NEW", **active}]}

    databases = Databases(current=instance(NAMES.database), coming=None, former=(), trial=None)
    aws: Any = aws_of(rds=Kept())
    then, refusals = find_source(aws, parse_target("2026-11-25T12:00Z"), databases)
    assert (then and then.resource, refusals) == ("db-OLD", ())
    now, refusals = find_source(aws, parse_target("2026-11-26T08:30Z"), databases)
    assert (now and now.resource, refusals) == ("", ())
    assert [window.kept for window in read_windows(aws, [databases.current])] == ["db-OLD", ""]


def test_an_instance_without_backups_has_no_window() -> None:
    """RDS may refuse to answer about it (RDS API reference, DescribeDBInstanceAutomatedBackups, errors)."""

    class NoBackups(FakeRds):
        def describe_db_instance_automated_backups(self, DBInstanceIdentifier: str) -> Any:  # noqa: N803
            raise client_error("DBInstanceAutomatedBackupNotFound", f"{DBInstanceIdentifier} has none")

    assert read_windows(aws_of(rds=NoBackups()), [instance(NAMES.database), None]) == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"DBInstanceIdentifier": "another-db"}, "a snapshot of another-db"),
        ({"Status": "creating"}, "is creating: only an available one restores"),
        ({"EngineVersion": "18.4"}, "RDS refuses a downgrade"),
        ({"EngineVersion": "17.6"}, "changes no major version"),
        ({"MasterUsername": "somebody"}, "has another master user"),
    ],
)
def test_a_snapshot_that_would_not_do_is_refused(changed: dict[str, Any], reason: str) -> None:
    good = {
        "DBInstanceIdentifier": NAMES.database,
        "Status": "available",
        "EngineVersion": "18.3",
        "MasterUsername": "hannibal",
        "AllocatedStorage": 20,
    }
    source, refusals = sources("kept", good)
    assert (source.snapshot, source.storage_gib, refusals) == ("kept", 20, ())
    source, refusals = sources("kept", good | changed)
    assert source is None
    assert reason in refusals[0]


@pytest.mark.parametrize("code", ["DBSnapshotNotFound", "InvalidParameterValue"])
def test_a_name_of_no_snapshot_is_unusable_input(code: str) -> None:
    """RDS says the second of what could be no name, such as one with a blank."""
    rds: Any = FakeRds(error=code)
    nothing = Databases(current=instance(NAMES.database), coming=None, former=(), trial=None)
    with pytest.raises(UnusableInputError, match="neither a moment") as error:
        find_source(aws_of(rds=rds), parse_target("no such"), nothing)
    assert "hannibal snapshots list" in error.value.advice[0]
