from collections.abc import Collection

import pytest

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.month.start import plan_start
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fakes import FakeAccount


def test_records_in_the_way_of_a_stack_that_failed_are_looked_for_again(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Perhaps it failed because of them, after 20 minutes."""
    asked: list[set[str]] = []

    def refusals(_: Aws, *, deployed: Collection[str]) -> tuple[str, ...]:
        asked.append(set(deployed))
        return ()

    monkeypatch.setattr("ops.account.domain.hosted_zone_refusals", refusals)
    account.add_stack("StorageStack", "ROLLBACK_COMPLETE")
    account.add_stack("EdgeStack")
    plan_start(account.aws(settings), Checkout(root=ROOT))
    assert asked == [{"EdgeStack"}]


@pytest.mark.parametrize("status", ["", "DELETE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_database_deleted_under_its_service_is_not_created_again(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    """The tasks name the secret of the deleted stack, and nothing replaces it."""
    account.add_month()
    del account.stacks["StorageStack"]
    if status:
        account.add_stack("StorageStack", status)
    account.database = None
    (reason,) = plan_start(account.aws(settings), Checkout(root=ROOT)).refusals
    assert reason.startswith("StorageStack was deleted under ComputeStack")
    assert "`hannibal stop`, then start again; the data is kept" in reason


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_of_a_service_whose_database_is_gone_nothing_is_rolled_back(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    account.add_month()
    account.add_stack("StorageStack", "ROLLBACK_COMPLETE")
    account.add_stack("ComputeStack", status)
    account.database = None
    (reason,) = plan_start(account.aws(settings), Checkout(root=ROOT)).refusals
    assert "`hannibal stop`, then start again" in reason
