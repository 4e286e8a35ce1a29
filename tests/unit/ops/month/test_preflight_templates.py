from pathlib import Path

import pytest

from ops.errors import UnusableInputError
from ops.month.preflight import preflighted
from ops.stacks.checkout import Checkout
from tests.support.fakes import FakeAccount


def test_a_cdk_that_is_not_installed_is_named(account: FakeAccount, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    with (
        pytest.raises(UnusableInputError, match="the CDK command line is not installed"),
        preflighted(account.aws(), Checkout(root=tmp_path), None, always=True),
    ):
        pass
