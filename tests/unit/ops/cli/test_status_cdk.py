"""A CDK that a killed command has left behind is named, because it goes on with the month."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from typer.testing import Result

from ops.stacks.cdk_lock import hold_lock, lock_file, write_holder
from ops.stacks.checkout import this_checkout
from tests.support.fakes import FakeAccount

BEGAN = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


def test_a_cdk_that_was_left_behind_is_named(run: Callable[..., Result], account: FakeAccount) -> None:
    account.add_month()
    assert "the CDK runs from this machine" not in run("status").output
    with hold_lock(lock_file(this_checkout(), "123456789012-ap-northeast-1")) as lock:
        write_holder(lock, 4711, "npx cdk destroy StorageStack", BEGAN)
        shown = " ".join(run("status").output.split())
        data = json.loads(run("status", "--json").stdout)
    said = (
        "the CDK runs from this machine: `npx cdk destroy StorageStack` (process 4711, since 2026-11-30 18:00:00 UTC)"
    )
    assert said in shown
    assert data["status"]["cdk"]["process"] == 4711


def test_status_makes_no_folder(run: Callable[..., Result], account: FakeAccount) -> None:
    """It only reads; a checkout may belong to another user."""
    account.add_month()
    assert run("status").exit_code == 0
    assert not (this_checkout().root / ".hannibal").exists()
