"""Descriptions of snapshots: what is listed, and what one says while it is being made."""

import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from embedded_aws.core.context import ServerContext, ServerError
from embedded_aws.core.refusal import Refusal
from embedded_aws.database import emulator, process, snapshots
from embedded_aws.database.cloudformation import snapshot_name
from embedded_aws.database.emulator import Record
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.process import PostgresError
from embedded_aws.database.server_ports import ports_of
from embedded_aws.database.snapshot_behaviour import read_behaviour
from embedded_aws.database.snapshots import Snapshots


def _snapshot(name: str, **fields: object) -> Record:
    return {
        "DBInstanceIdentifier": "db",
        "DBSnapshotIdentifier": name,
        "SnapshotType": "manual",
        "Status": "creating",
        "_outcome": "available",
        "_ready_at": time.time() - 1,
        **fields,
    }


def test_a_snapshot_has_no_time_before_it_is_finished() -> None:
    record = _snapshot("one", _ready_at=time.time() + 60, SnapshotCreateTime="")
    assert snapshots.finish(record) == "creating"
    text = snapshots._describe(lambda s: f"<SnapshotCreateTime>{s['SnapshotCreateTime']}</SnapshotCreateTime>", record)
    assert text == ""


def test_a_finished_snapshot_was_made_when_its_time_came() -> None:
    record = _snapshot("one", _ready_at=0.0)
    assert snapshots.finish(record) == "available"
    assert record["SnapshotCreateTime"] == "1970-01-01T00:00:00.000Z"
    assert record["PercentProgress"] == 100


@pytest.mark.parametrize("seconds", [0.0, 6.0])
def test_a_clock_that_is_set_back_does_not_delay_a_snapshot(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time()
    record = _snapshot("one", _begun_at=now, _ready_at=now + seconds)
    monkeypatch.setattr(time, "time", lambda: now - 0.05)
    assert snapshots.finish(record) == "available"


def test_a_failed_snapshot_has_no_time() -> None:
    record = _snapshot("one", _outcome="failed")
    assert snapshots.finish(record) == "failed"
    assert "SnapshotCreateTime" not in record


def test_filters_take_names_and_arns() -> None:
    request = {
        "DBInstanceIdentifier": "arn:aws:rds:ap-northeast-1:000000000000:db:mine",
        "SnapshotType": "manual",
        "Filters.Filter.1.Name": "db-snapshot-id",
        "Filters.Filter.1.Values.Value.1": "a",
        "Filters.Filter.1.Values.Value.2": "b",
    }
    assert snapshots._filters(request) == {
        "DBInstanceIdentifier": ["mine"],
        "SnapshotType": ["manual"],
        "DBSnapshotIdentifier": ["a", "b"],
    }
    with pytest.raises(Refusal, match="Unrecognized filter name: colour"):
        snapshots._filters({"Filters.Filter.1.Name": "colour"})


def test_system_tags_stay_with_the_instance() -> None:
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "S"}, {"Key": "Project", "Value": "p"}]
    assert snapshots._copy_tags({"CopyTagsToSnapshot": True, "TagList": tags}) == tags[1:]
    assert snapshots._copy_tags({"CopyTagsToSnapshot": False, "TagList": tags}) == []


@pytest.mark.parametrize("text", ['{"second": 1}', '{"outcome": "lost"}', "[]"])
def test_an_order_that_is_not_one_is_not_overlooked(tmp_path: Path, text: str) -> None:
    file = tmp_path / "snapshots.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="SnapshotBehaviour"):
        read_behaviour(file)


def test_final_snapshots_are_named_after_stack_and_resource() -> None:
    first, second = (snapshot_name("StorageStack", "DatabaseInstance24D16791") for _ in range(2))
    assert first.startswith("storagestack-snapshot-databaseinstance24d16791-")
    assert len(first.rpartition("-")[2]) == 12
    assert first != second


def test_two_servers_have_ports_of_their_own() -> None:
    assert ports_of(4566) != ports_of(4567)
    assert ports_of(4566) == ports_of(4566)
    assert all(10_000 <= port < 30_000 for port in (*ports_of(4566), *ports_of(65535)))


def test_data_stays_when_the_file_of_records_is_removed(tmp_path: Path) -> None:
    data, records = tmp_path / "instances" / "db-1", tmp_path / "services" / "rds.json"
    for made in (data, records.parent):
        made.mkdir(parents=True)
    (records.parent / "s3.json").touch()
    with pytest.raises(ServerError, match="is missing"):
        snapshots.remove_unknown(data.parent, records)
    assert data.exists()
    records.touch()
    snapshots.remove_unknown(data.parent, records)
    assert not data.exists()


@pytest.fixture
def no_snapshots() -> Iterator[None]:
    emulator.snapshots.clear()
    yield
    emulator.snapshots.clear()


@pytest.mark.usefixtures("no_snapshots")
@pytest.mark.parametrize("calls_before", [None, 0, 1])
def test_a_snapshot_that_fails_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls_before: int | None
) -> None:
    """``calls_before``: how often the disk was flushed before it failed, or None where the record cannot be written."""
    original = Postgres(tmp_path / "original")
    original.data.mkdir(parents=True)
    original.password_file.touch()
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    instances = Mock(database=lambda _: Mock(postgres=original))
    made = Snapshots(context, tmp_path / "copies", instances, Mock(), tmp_path / "behaviour", Mock())
    listed: list[list[str]] = []

    def flush(_: Path) -> None:
        listed.append(list(emulator.snapshots))
        if len(listed) - 1 == calls_before:
            raise PostgresError("no space")

    monkeypatch.setattr(process, "flush", flush)
    if calls_before is None:
        monkeypatch.setattr(Path, "write_text", Mock(side_effect=OSError("no space")))
    instance = {"DBInstanceIdentifier": "db", "Engine": "postgres", "EngineVersion": "17.6"}

    with pytest.raises((PostgresError, OSError), match="no space"):
        made._create_snapshot(emulator.create_snapshot, "one", instance)

    assert listed == [[]] * len(listed) != []  # unlisted while it is written
    assert list(emulator.snapshots) == []
    assert list((tmp_path / "copies").iterdir()) == []
