"""A database with the month's name that no stack has."""

import re

import pytest

from installation.settings import Settings
from ops.doctor.database import examine
from ops.month.stray_database import delete_command
from ops.service.database_status import read_database
from tests.support.fakes import NOW, FakeAccount


@pytest.mark.parametrize("status", ["available", "stopped"])
def test_a_database_without_its_stack_is_trouble(account: FakeAccount, settings: Settings, status: str) -> None:
    account.database = {"DBInstanceStatus": status}
    (finding,) = examine(account.aws(settings), NOW).findings
    *first, last = (it.command for it in finding.remediations)
    assert (finding.cause, finding.level) == ("database-without-stack", "trouble")
    assert ["start-db-instance" in it for it in first] == [True] * (status == "stopped")
    database = read_database(account.aws(settings))
    assert database is not None
    # A second one, in another month, finds the first one's name taken.
    assert re.sub(r"-\d{8}-\d{4}$", "", last) == re.sub(r"-\d{8}-\d{4}$", "", delete_command(database))
    assert re.search(r"-by-hand-\d{8}-\d{4}$", last)


@pytest.mark.parametrize("status", ["storage-full", "incompatible-parameters"])
def test_a_stray_database_of_which_no_snapshot_can_be_made_has_its_repair(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    """`stop` sends people here for it."""
    account.database = {"DBInstanceStatus": status, "AllocatedStorage": 20}
    stray, repair = examine(account.aws(settings), NOW).findings
    assert stray.cause == "database-without-stack"
    assert repair.cause in {"database-full", "database-parameters"}
