"""A stop that another operator's command has overtaken."""

from collections.abc import Callable

import pytest

from installation.settings import Settings
from ops.errors import FailedError, RefusedError
from ops.month.stop import plan_stop, stop
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.support.fakes import FakeAccount

Make = Callable[[str], Checkout]


@pytest.mark.parametrize("begun", ["release", "restore"])
def test_an_operation_begun_since_the_plan_is_not_ended(
    account: FakeAccount, settings: Settings, project: Make, begun: str
) -> None:
    """A person reads the plan and types the project's name, which takes its time."""
    account.add_month()
    aws = account.aws(settings)
    plan = plan_stop(aws)
    assert plan.refusals == ()
    if begun == "release":
        account.deployments["d-1"] = "InProgress"
    else:
        coming = {"DBInstanceIdentifier": settings.names.coming_database, "DBInstanceStatus": "creating"}
        account.others = [coming | {"TagList": [{"Key": "RestoredTo", "Value": "by-hand"}]}]
    with pytest.raises(RefusedError, match=f"a {begun}"):
        stop(aws, project("exit 1"), plan, Watching())
    assert account.changed == []


def test_a_release_that_kept_a_stack_from_being_deleted_is_named(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    """CodeDeploy deletes no group with a deployment; both commands began in the same second."""
    account.add_month()
    aws = account.aws(settings)

    def begin(_: object) -> None:
        account.deployments["d-1"] = "InProgress"

    with pytest.raises(FailedError) as error:
        stop(aws, project("exit 1"), plan_stop(aws), Watching(view=begin))
    assert "d-1 is InProgress" in error.value.advice[0]
    assert "`hannibal rollback`" in error.value.advice[0]
