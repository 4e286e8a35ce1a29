"""What a transitional state becomes when its work fails, and a deletion that a restart interrupted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.core.context import ServerContext
from embedded_aws.database import emulator, transitions
from embedded_aws.database.emulator import Record, Request

_SCOPE = ("000000000000", "ap-northeast-1")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerContext:
    monkeypatch.setattr(transitions, "spawn_background", lambda work, **_: work())
    return ServerContext(port=1, state_folder=tmp_path, region=_SCOPE[1], account=_SCOPE[0])


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """The deletions that RDS gets; it refuses a final snapshot whose name is used."""
    got: list[Request] = []

    def delete(request: Request) -> Any:
        got.append(request)
        if request.get("FinalDBSnapshotIdentifier") in emulator.snapshots:
            return emulator.error("DBSnapshotAlreadyExists", "exists", 400)
        return emulator.xml_response(200, "DeleteDBInstanceResponse", "")

    monkeypatch.setattr(emulator, "delete_instance", delete)
    yield got
    emulator.snapshots.clear()


@pytest.mark.parametrize(("reached", "shown"), [("rebooting", "failed"), ("available", "available")])
def test_work_that_fails_leaves_no_state_for_ever(context: ServerContext, reached: str, shown: str) -> None:
    record: Record = {"DBInstanceIdentifier": "one"}

    def work() -> None:
        record["DBInstanceStatus"] = reached
        raise OSError("no space")

    transitions.in_background(record, "renaming", work, context)
    assert record["DBInstanceStatus"] == shown


def _interrupted() -> Record:
    deletion = {"DBInstanceIdentifier": "one", "FinalDBSnapshotIdentifier": "last", "DeleteAutomatedBackups": "true"}
    return {"DBInstanceIdentifier": "one", "DbiResourceId": "db-1", "_deletion": deletion}


def _resume(record: Record, context: ServerContext) -> None:
    assert transitions.resume_deletion(record, *_SCOPE, context)


def test_a_deletion_goes_on_after_its_final_snapshot(context: ServerContext, requests: list[Request]) -> None:
    emulator.snapshots.set_scoped(*_SCOPE, "last", {"DbiResourceId": "db-1"})
    record = _interrupted()
    _resume(record, context)
    assert requests == [{"DBInstanceIdentifier": "one", "DeleteAutomatedBackups": "true", "SkipFinalSnapshot": "true"}]
    assert record["DBInstanceStatus"] == "deleting"


def test_a_deletion_whose_final_snapshot_is_not_there_takes_it(context: ServerContext, requests: list[Request]) -> None:
    _resume(_interrupted(), context)
    assert [request["FinalDBSnapshotIdentifier"] for request in requests] == ["last"]


def test_a_deletion_that_is_refused_fails(context: ServerContext, requests: list[Request]) -> None:
    emulator.snapshots.set_scoped(*_SCOPE, "last", {"DbiResourceId": "another"})
    record = _interrupted()
    _resume(record, context)
    assert len(requests) == 1
    assert record["DBInstanceStatus"] == "failed"
    assert "_deletion" not in record
