"""Which databases leave a final snapshot, and a month that is not ended because its own would leave none."""

from collections.abc import Callable
from typing import Any

import pytest

from installation.settings import Settings
from ops.cli.commands import stop
from ops.cli.console.screen import Console
from ops.errors import FailedError
from ops.month import stop as stop_module
from ops.month.restore.former_databases import FormerDeletionPlan
from ops.month.stop import plan_stop
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.support.fakes import FakeAccount

Make = Callable[[str], Checkout]
TRIAL: Any = {
    "DBInstanceIdentifier": "nestjs-hannibal-3-db-trial",
    "DBInstanceStatus": "available",
    "TagList": [{"Key": "RestoredTo", "Value": "newest"}],
}


@pytest.mark.parametrize(("used", "former", "refused"), [(98, 0, False), (99, 0, False), (99, 1, True), (100, 0, True)])
def test_it_is_refused_where_rds_would_refuse_the_final_snapshot(
    account: FakeAccount, settings: Settings, used: int, former: int, refused: bool
) -> None:
    """Half of the month would be gone, and the other half bill on."""
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.others = [
        {
            "DBInstanceIdentifier": f"{settings.names.former_databases}2026112{place}-090000",
            "DBInstanceStatus": "available",
        }
        for place in range(former)
    ]
    account.used_snapshots = used
    refusals = plan_stop(account.aws(settings)).refusals
    assert [f"RDS has {used} of 100 manual snapshots" in it for it in refusals] == [True] * refused
    account.most_snapshots = None  # credentials of an account that was prepared before this was asked
    assert plan_stop(account.aws(settings)).refusals == ()


@pytest.mark.parametrize(
    "status",
    [
        *("storage-full", "incompatible-network", "failed", "insufficient-capacity", "incompatible-create"),
        "inaccessible-encryption-credentials-recoverable",
    ],
)
def test_it_is_refused_for_a_database_that_leaves_no_final_snapshot(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": status}
    (refusal,) = plan_stop(account.aws(settings)).refusals
    assert f"is {status}, and RDS makes no final snapshot" in refusal


def test_it_is_refused_for_a_database_that_is_protected_by_hand(account: FakeAccount, settings: Settings) -> None:
    """As rules of Security Hub may do by themselves: the service would go before CloudFormation comes to it."""
    account.add_month()
    account.database = {"DBInstanceStatus": "available", "DeletionProtection": True}
    (refusal,) = plan_stop(account.aws(settings)).refusals
    assert refusal.startswith("nestjs-hannibal-3-db is protected against deletion")
    assert "--no-deletion-protection" in refusal


def test_the_way_out_of_protection_begins_with_the_end_of_a_pause(account: FakeAccount, settings: Settings) -> None:
    """RDS modifies no instance that is stopped."""
    account.add_month()
    account.database = {"DBInstanceStatus": "stopped", "DeletionProtection": True}
    (refusal,) = plan_stop(account.aws(settings)).refusals
    assert "`hannibal resume`, then `aws rds modify-db-instance" in refusal


def test_it_is_refused_while_a_persons_instance_uses_the_group_that_goes(
    account: FakeAccount, settings: Settings
) -> None:
    """RDS deletes no subnet group that is in use: the stack would end in DELETE_FAILED, without its database."""
    account.add_month()
    group = {"DBSubnetGroup": {"DBSubnetGroupName": "storagestack-group"}}
    account.database = {"DBInstanceStatus": "available"} | group
    made = {"DBInstanceIdentifier": "nestjs-hannibal-3-db-before-christmas", "DBInstanceStatus": "available"}
    account.others = [made | group, TRIAL | group]
    (refusal,) = plan_stop(account.aws(settings)).refusals
    assert refusal.startswith("nestjs-hannibal-3-db-before-christmas, which no command here has made, is in the subnet")
    account.others = [made, TRIAL | group]
    assert plan_stop(account.aws(settings)).refusals == ()


def test_a_database_that_is_being_deleted_needs_no_second_snapshot(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": "deleting"}
    account.used_snapshots = 100
    assert not [it for it in plan_stop(account.aws(settings)).refusals if "snapshots" in it]


def test_a_copy_that_a_trial_has_left_is_not_said_to_leave_one(
    account: FakeAccount, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    account.add_month()
    account.others = [TRIAL]
    plan = plan_stop(account.aws(settings))
    assert (plan.former, plan.trial) == ((), "nestjs-hannibal-3-db-trial")
    stop._show_plan(Console(), plan, settings.lifecycles)
    said = " ".join(capsys.readouterr().out.split())
    assert "Deleted first, without a snapshot: nestjs-hannibal-3-db-trial, a copy" in said
    assert "with a final snapshot of its own" not in said


def test_a_copy_that_a_trial_has_left_is_deleted_before_the_stacks(
    account: FakeAccount, settings: Settings, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It uses the groups that the stack deletes."""
    account.add_month()
    account.others = [TRIAL]

    def let_go(_: Any, plan: FormerDeletionPlan, __: Any) -> None:
        raise FailedError(" ".join(it.name for it in plan.copies))

    monkeypatch.setattr(stop_module, "delete_former_databases", let_go)
    made, aws = project("touch called"), account.aws(settings)
    with pytest.raises(FailedError, match=settings.names.trial_database):
        stop_module.stop(aws, made, plan_stop(aws), Watching())
    assert not (made.root / "called").exists()
