from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from installation.settings.file import load_settings
from ops.errors import FailedError
from ops.month.take_snapshot import create_release_snapshot, create_snapshot, plan_snapshot
from tests.support.aws import aws_of, given
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount

SETTINGS = load_settings("dev")
AT = datetime(2026, 11, 26, 9, 30, 5, tzinfo=UTC)


def test_the_name_says_why_and_when(account: FakeAccount) -> None:
    account.database = {"DBInstanceStatus": "available", "AllocatedStorage": 20}
    by_hand = plan_snapshot(account.aws(SETTINGS), before_release=False, clock=lambda: AT)
    before = plan_snapshot(account.aws(SETTINGS), before_release=True, clock=lambda: AT)

    assert by_hand.name == "nestjs-hannibal-3-db-by-hand-20261126-093005"
    assert before.name == "nestjs-hannibal-3-db-before-release-20261126-093005"
    assert by_hand.refusals == ()


def test_a_snapshot_that_was_begun_is_waited_for_and_no_other_is_made(account: FakeAccount) -> None:
    account.database = {"DBInstanceStatus": "backing-up"}
    account.add_snapshot("nestjs-hannibal-3-db-by-hand-20261126-090000", status="creating")
    plan = plan_snapshot(account.aws(SETTINGS), before_release=False)

    assert plan.begun
    assert plan.refusals == ()
    account.snapshots[-1]["Status"] = "available"
    made = create_snapshot(account.aws(SETTINGS), plan, lambda _: None)
    assert made.name == plan.name


@pytest.mark.parametrize("status", ["backing-up", "creating", "modifying", "storage-initialization"])
def test_a_busy_database_is_refused_with_what_to_wait_for(account: FakeAccount, status: str) -> None:
    account.database = {"DBInstanceStatus": status}
    plan = plan_snapshot(account.aws(SETTINGS), before_release=False)

    assert status in plan.refusals[0]
    assert "aws rds wait" in plan.refusals[0]
    with pytest.raises(FailedError, match=status) as error:
        create_release_snapshot(account.aws(SETTINGS), lambda _: None)
    assert "--no-snapshot" in str(error.value.advice)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("storage-full", "`hannibal doctor database`"),
        ("deleting", "`hannibal status`"),
        ("stopping", "`hannibal resume`"),
        ("stopped", "`hannibal resume`"),
    ],
)
def test_what_never_becomes_available_is_not_waited_for(account: FakeAccount, status: str, advice: str) -> None:
    """The waiter of the AWS CLI would give up after half an hour."""
    account.database = {"DBInstanceStatus": status}
    (reason,) = plan_snapshot(account.aws(SETTINGS), before_release=False).refusals
    assert advice in reason
    assert "rds wait" not in reason


@pytest.mark.parametrize("status", ["available", "storage-optimization"])
def test_rds_makes_snapshots_of_available_databases(account: FakeAccount, status: str) -> None:
    account.database = {"DBInstanceStatus": status}
    assert plan_snapshot(account.aws(SETTINGS), before_release=False).refusals == ()


def test_without_quota_no_snapshot_is_made(account: FakeAccount) -> None:
    account.database = {"DBInstanceStatus": "available"}
    account.used_snapshots = 100
    plan = plan_snapshot(account.aws(SETTINGS), before_release=False)

    assert [refusal.partition(" in this region")[0] for refusal in plan.refusals] == [
        "RDS has 100 of 100 manual snapshots"
    ]


def test_between_two_months_there_is_nothing_to_take(account: FakeAccount) -> None:
    assert "no month is running" in plan_snapshot(account.aws(SETTINGS), before_release=False).refusals[0]


def test_what_was_deleted_by_hand_is_not_said_to_be_in_a_snapshot(account: FakeAccount) -> None:
    account.add_stack("StorageStack")
    (reason,) = plan_snapshot(account.aws(SETTINGS), before_release=False).refusals
    assert reason == "the database is gone, though StorageStack is there: `hannibal doctor database`"
    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")
    (reason,) = plan_snapshot(account.aws(SETTINGS), before_release=False).refusals
    assert reason == "StorageStack is CREATE_IN_PROGRESS, and there is no database now: `hannibal status`"


def test_a_snapshot_whose_request_is_repeated_after_a_lost_answer_is_waited_for(account: FakeAccount) -> None:
    account.database = {"DBInstanceStatus": "available"}
    aws = account.aws(SETTINGS)
    plan = plan_snapshot(aws, before_release=False)
    account.add_snapshot(plan.name, status="creating")

    def create(**_: str) -> None:
        raise client_error("DBSnapshotAlreadyExists")

    found = aws.rds.get_paginator
    rds = SimpleNamespace(create_db_snapshot=create, get_paginator=found)
    assert (
        create_snapshot(given(aws_of(rds=rds), SETTINGS, polling=aws.polling), plan, lambda _: None).status
        == "available"
    )
