"""Starts from a snapshot that RDS is upgrading: which version it gets is told when it is done."""

from collections.abc import Callable

import pytest

from installation.settings import Settings
from ops.aws.polling import Polling
from ops.errors import RefusedError
from ops.month.start import plan_start, start
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.support.aws import given
from tests.support.fakes import FakeAccount
from tests.support.synthesis import changed

Make = Callable[[str], Checkout]


def _start(account: FakeAccount, settings: Settings, project: Checkout) -> None:
    account.engine_versions = (*account.engine_versions, "19.2")
    account.add_snapshot("copy", status="upgrading")

    def sleep(_: float) -> None:
        account.snapshots[0] |= {"Status": "available", "EngineVersion": "19.2"}

    aws = given(account.aws(), settings, polling=Polling(sleep=sleep))
    plan = plan_start(aws, project)
    assert plan.refusals == ()
    start(aws, project, plan, watching=Watching())


def test_the_version_after_the_upgrade_counts(account: FakeAccount, settings: Settings, project: Make) -> None:
    made = project("touch called")
    _start(account, changed(settings, database={"engine_version": "19.2"}), made)
    assert (made.root / "called").exists()


def test_settings_of_the_version_before_are_refused_when_it_is_done(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    made = project("touch called")
    with pytest.raises(RefusedError, match=r"is of PostgreSQL 19\.2"):
        _start(account, settings, made)
    assert not (made.root / "called").exists()
