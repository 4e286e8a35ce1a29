"""The roles that services make for themselves, which an account lacks that never used them."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.account.bootstrap.plan import Step, plan_bootstrap
from ops.account.service_linked_roles import ECS, create_missing_roles, create_role
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount
from tests.support.synthesis import changed
from tests.unit.ops.account.test_bootstrap import folder, owned

__all__ = ["folder", "owned"]  # fixtures

TAKEN = "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."


def test_a_role_of_ecs_that_was_made_meanwhile_is_as_good(account: FakeAccount) -> None:
    account.ecs_role_error = client_error("InvalidInput", TAKEN)
    create_role(account.aws(), ECS)


@pytest.mark.parametrize(
    "error", [client_error("InvalidInput", "no such service"), client_error("AccessDenied", TAKEN)]
)
def test_a_role_of_ecs_that_cannot_be_made_is_an_error(account: FakeAccount, error: ClientError) -> None:
    account.ecs_role_error = error
    with pytest.raises(ClientError):
        create_role(account.aws(), ECS)


def test_roles_that_a_new_account_lacks_are_made_first(account: FakeAccount, owned: Settings, folder: Path) -> None:
    account.service_roles = []
    month = ["ecs.amazonaws.com", "rds.amazonaws.com", "elasticloadbalancing.amazonaws.com"]
    scaling = changed(owned, service={"autoscaling": {"least": 1, "most": 2, "cpu_percent": 60}})
    for settings, services in ((owned, month), (scaling, [*month, "ecs.application-autoscaling.amazonaws.com"])):
        plan = plan_bootstrap(account.aws(settings), Checkout(root=ROOT), folder)
        assert [step.service for step in plan.steps[: len(services) + 1]] == [*services, ""]
        assert {step.kind for step in plan.steps if step.service} == {Step.SERVICE_ROLE}


def test_service_linked_roles_of_the_month_are_made(account: FakeAccount, settings: Settings) -> None:
    account.service_roles = ["ecs.amazonaws.com"]
    create_missing_roles(account.aws(changed(settings, exercises=True)))
    made = {"rds.amazonaws.com", "elasticloadbalancing.amazonaws.com", "fis.amazonaws.com"}
    assert set(account.changed) == {f"role of {service}" for service in made}


def test_a_caller_without_the_permission_goes_on(account: FakeAccount, settings: Settings) -> None:
    account.service_roles = []
    account.ecs_role_error = client_error("AccessDenied", "not authorized to perform iam:CreateServiceLinkedRole")
    create_missing_roles(account.aws(settings))
    assert account.changed == []
