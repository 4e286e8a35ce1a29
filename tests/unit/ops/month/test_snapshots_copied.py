"""Copies of snapshots: RDS gives each the time of its making, so that what is newest by that may have old rows."""

from datetime import timedelta

import pytest

from ops.errors import FailedError
from ops.month.snapshots import read_snapshots, restored_data
from ops.month.stop import _final_snapshot
from tests.support.fakes import FINAL, NOW, FakeAccount

COPY = "kept-for-the-auditors"


@pytest.fixture(autouse=True)
def _copy(account: FakeAccount) -> None:
    account.add_snapshot(f"{FINAL}last", days_old=2)
    account.add_snapshot(COPY, days_old=1)
    account.snapshots[-1]["OriginalSnapshotCreateTime"] = NOW - timedelta(days=30)


def test_a_copy_has_the_data_of_what_it_is_a_copy_of(account: FakeAccount) -> None:
    account.add_snapshot("ordered", status="creating")
    del account.snapshots[-1]["SnapshotCreateTime"]
    assert [(it.name, it.data_from, it.is_copy) for it in read_snapshots(account.aws())] == [
        ("ordered", None, False),
        (COPY, NOW - timedelta(days=30), True),
        (f"{FINAL}last", NOW - timedelta(days=2), False),
    ]


def test_a_start_says_how_old_its_data_is_and_what_has_newer(account: FakeAccount) -> None:
    found = read_snapshots(account.aws())
    assert restored_data(found, deleting=False) == (
        f"restored from {COPY}, a copy made 2026-11-23 12:00 UTC of data of 2026-10-25 12:00 UTC, although {FINAL}last "
        "has data of 2026-11-22 12:00 UTC. Where that is not meant: `aws rds delete-db-snapshot "
        f"--db-snapshot-identifier {COPY}`, then again"
    )
    assert restored_data(found[:1], deleting=False).endswith("of data of 2026-10-25 12:00 UTC")


def test_a_new_copy_of_old_data_is_no_final_snapshot(account: FakeAccount) -> None:
    with pytest.raises(FailedError, match=f"no snapshot is newer than that: the newest is {COPY} of 2026-10-25"):
        _final_snapshot(account.aws(), NOW - timedelta(days=1, hours=1), lambda _: None)


def test_a_newer_copy_does_not_hide_the_final_snapshot(account: FakeAccount) -> None:
    """A plan of AWS Backup may copy an old one after the month's end."""
    final = _final_snapshot(account.aws(), NOW - timedelta(days=2, hours=1), lambda _: None)
    assert final is not None
    assert final.name == f"{FINAL}last"


def test_newer_data_that_cannot_be_restored_is_not_advised(account: FakeAccount) -> None:
    account.snapshots[0]["Status"] = "failed"
    assert "although" not in restored_data(read_snapshots(account.aws()), deleting=False)
