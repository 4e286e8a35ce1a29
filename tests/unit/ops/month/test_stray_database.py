"""What is said of a database with the month's name that no stack has."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.month.stray_database import stray_database_refusals


@pytest.mark.parametrize(
    ("status", "first"),
    [
        ("available", "Have an administrator make one"),
        ("stopped", "Start it: `aws rds start-db-instance"),
        # RDS refuses to start an instance that is still stopping (StartDBInstance, InvalidDBInstanceState).
        ("stopping", "Start it when it is stopped: `aws rds start-db-instance"),
        # RDS makes no final snapshot of it (RDS user guide, "Deleting a DB instance").
        ("storage-full", "Repair it first: `hannibal doctor database`"),
    ],
)
def test_the_advice_is_what_rds_takes_in_its_state(status: str, first: str) -> None:
    database: Any = SimpleNamespace(name="shop-db", status=status)
    (reason,) = stray_database_refusals(None, database)
    assert f"shop-db exists and is {status}, but StorageStack does not exist" in reason
    assert first in reason
    assert ("--final-db-snapshot-identifier" in reason) is (status != "storage-full")
