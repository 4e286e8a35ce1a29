"""CloudFront's prefix list: a wrong id is told by the administrator's first command, with the right one."""

import pytest

from installation.settings import Settings
from ops.account.bootstrap.plan import plan_bootstrap, prefix_list_refusals
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fakes import FakeAccount
from tests.support.synthesis import changed


def test_a_wrong_id_is_refused_with_the_right_one(account: FakeAccount, settings: Settings) -> None:
    wrong = changed(settings, github={"owner": "somebody"}, network={"cloudfront_prefix_list_id": "pl-61a54008"})
    (refusal,) = plan_bootstrap(account.aws(wrong), Checkout(root=ROOT)).refusals
    assert refusal == (
        "network.cloudfront_prefix_list_id in config/dev.yaml is pl-61a54008, but CloudFront's list in ap-northeast-1 "
        "is pl-58a04531: write that"
    )


@pytest.mark.parametrize("there", ["pl-58a04531", None])
def test_the_right_id_and_an_answer_without_one_are_no_refusal(
    account: FakeAccount, settings: Settings, there: str | None
) -> None:
    account.cloudfront_prefix_list = there
    assert list(prefix_list_refusals(account.aws(settings))) == []
