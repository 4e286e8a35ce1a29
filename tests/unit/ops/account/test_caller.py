from collections.abc import Callable
from dataclasses import replace

import pytest

from installation.settings import Settings
from ops.account.bootstrap.plan import plan_bootstrap
from ops.account.caller import checked_caller, foreign_stack_refusals, identify, is_bootstrapped
from ops.errors import RefusedError
from ops.month.start import plan_start
from ops.month.stop import plan_stop
from ops.stacks.checkout import Checkout
from ops.stacks.state import read_stacks
from tests.support.fakes import REGION, FakeAccount


def test_the_caller_is_shown_with_account_and_region(account: FakeAccount) -> None:
    caller = identify(account.aws())
    assert (caller.account, caller.region, caller.endpoint) == ("123456789012", REGION, None)
    assert caller.identity.endswith("user/somebody")


def test_two_embedded_aws_are_told_from_each_other(account: FakeAccount) -> None:
    """They have the same account and region, and neither waits for what the other's CDK does."""
    caller = identify(account.aws())
    places = {replace(caller, endpoint=f"http://127.0.0.1:{port}").place for port in (4566, 4576)}
    assert (caller.place, len({caller.place, *places})) == (f"123456789012-{REGION}", 3)


def test_another_account_than_the_settings_name_is_refused(account: FakeAccount, settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"account_id": "999999999999"})
    with pytest.raises(RefusedError, match=r"account 123456789012, but .*account_id 999999999999"):
        checked_caller(account.aws(elsewhere))


def test_any_account_will_do_where_the_settings_name_none(account: FakeAccount, settings: Settings) -> None:
    checked_caller(account.aws(settings))
    checked_caller(account.aws(settings, configured_region=None))


def test_another_region_is_refused_with_what_to_do(account: FakeAccount, settings: Settings) -> None:
    with pytest.raises(RefusedError, match="your region is us-east-1") as refused:
        checked_caller(account.aws(settings, configured_region="us-east-1"))
    assert f"export AWS_REGION={REGION}" in refused.value.advice[0]


def test_another_environment_than_the_accounts_is_refused(account: FakeAccount, settings: Settings) -> None:
    tags = {"Project": settings.project, "Environment": "prod"}
    account.add_stack("ArtifactStack", Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    with pytest.raises(RefusedError, match=r"ArtifactStack .* is not of nestjs-hannibal-3 dev.*Environment=prod"):
        checked_caller(account.aws(settings))
    checked_caller(account.aws(settings.model_copy(update={"account_id": "123456789012"})))


@pytest.mark.parametrize(
    ("version", "expected"), [("6", True), ("30", True), ("5", False), ("", False), ("x", False), (None, False)]
)
def test_bootstrap_is_needed_in_a_version_that_is_new_enough(
    account: FakeAccount, version: str | None, *, expected: bool
) -> None:
    account.parameters = {} if version is None else {"/cdk-bootstrap/hnb659fds/version": version}
    assert is_bootstrapped(account.aws()) is expected


@pytest.mark.parametrize(
    "tags", [{}, {"Project": "another", "Environment": "dev"}, {"Project": "nestjs-hannibal-3", "Environment": "prod"}]
)
def test_stacks_of_another_project_are_neither_bootstrapped_nor_started_nor_stopped(
    account: FakeAccount, settings: Settings, project: Callable[[str], Checkout], tags: dict[str, str]
) -> None:
    account.add_month()
    account.add_stack("StorageStack", Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    aws, checkout = account.aws(settings), project("exit 1")
    prepared = plan_bootstrap(aws, checkout)
    assert prepared.steps == ()
    for refusals in (
        prepared.refusals[:1],
        plan_start(aws, checkout).refusals,
        plan_stop(aws).refusals,
    ):
        assert len(refusals) == 1
        assert "StorageStack in this account is not of nestjs-hannibal-3 dev" in refusals[0]


def test_a_stack_without_anything_in_it_may_lack_its_tags(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("StorageStack", "REVIEW_IN_PROGRESS", Tags=[])
    account.add_stack("ComputeStack")
    assert foreign_stack_refusals(read_stacks(account.aws()).values(), settings) == ()
