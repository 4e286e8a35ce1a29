"""What can be done with a database in a state."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.service.database_instances import read_databases, taken_within
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fakes import NOW, FakeAccount


@pytest.mark.parametrize(
    ("status", "steady"), [("available", True), ("storage-initialization", True), ("modifying", False)]
)
def test_a_restored_one_serves_while_its_blocks_still_come(
    account: FakeAccount, settings: Settings, status: str, steady: bool
) -> None:
    tags = [{"Key": "RestoredTo", "Value": "newest"}]
    made = {"DBInstanceIdentifier": settings.names.trial_database, "DBInstanceStatus": status, "TagList": tags}
    account.others = [made]
    trial = read_databases(account.aws(settings)).trial
    assert trial is not None
    assert trial.steady is steady


@pytest.mark.parametrize(("limit", "taken"), [(60, True), (20, False)])
def test_what_rds_refuses_in_a_state_is_asked_for_again(settings: Settings, limit: float, taken: bool) -> None:
    clock = Clock()

    def reboot(**_: Any) -> None:
        if clock.time < 40:
            raise ClientError({"Error": {"Code": "InvalidDBInstanceState", "Message": ""}}, "RebootDBInstance")

    aws = aws_of(rds=SimpleNamespace(), settings=settings, polling=clock.polling(20))
    assert taken_within(aws, limit, reboot) is taken


def test_the_newest_former_database_is_so_by_the_clock_of_rds(account: FakeAccount, settings: Settings) -> None:
    """Its name has the time of the machine that renamed it, whose clock had been set back."""
    older, newer = (f"{settings.names.former_databases}20261128-{time}" for time in ("120000", "110000"))
    account.others = [
        {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": "available",
            "InstanceCreateTime": NOW + timedelta(days=days),
        }
        for days, name in enumerate((older, newer))
    ]
    assert [it.name for it in read_databases(account.aws(settings)).former] == [newer, older]


def test_instances_that_block_a_copys_name_are_listed_in_one_order(account: FakeAccount, settings: Settings) -> None:
    blocking = (settings.names.coming_database, settings.names.trial_database)
    account.others = [{"DBInstanceIdentifier": name, "DBInstanceStatus": "available"} for name in reversed(blocking)]
    assert read_databases(account.aws(settings)).unmarked == blocking
