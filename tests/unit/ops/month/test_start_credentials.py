"""The CDK works with the credentials by which the account was looked at."""

from collections.abc import Callable

import pytest

from installation.settings import Settings
from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.month.start import plan_start, start
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.support.aws import given
from tests.support.fakes import FakeAccount


@pytest.mark.parametrize(("test", "passes"), [("=", True), ("!=", False)])
def test_the_cdk_works_with_the_credentials_of_the_checks(
    account: FakeAccount, settings: Settings, project: Callable[[str], Checkout], test: str, *, passes: bool
) -> None:
    checkout = project(f'test "$AWS_PROFILE" {test} of-the-checks')
    aws = given(account.aws(), settings, polling=Polling(seconds=0.01))
    plan = plan_start(aws, checkout)
    if passes:
        start(aws, checkout, plan, watching=Watching())
    else:
        with pytest.raises(FailedError):
            start(aws, checkout, plan, watching=Watching())
