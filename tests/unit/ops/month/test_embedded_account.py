"""What a start makes in the embedded AWS."""

from installation.settings import Settings
from ops.month.embedded_account import make_service_linked_roles
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount
from tests.support.synthesis import changed


def test_service_linked_roles_of_the_month_are_made(account: FakeAccount, settings: Settings) -> None:
    account.service_roles = ["ecs.amazonaws.com"]
    make_service_linked_roles(account.aws(changed(settings, exercises=True)))
    made = {"rds.amazonaws.com", "elasticloadbalancing.amazonaws.com", "fis.amazonaws.com"}
    assert set(account.changed) == {f"role of {service}" for service in made}


def test_a_caller_without_the_permission_goes_on(account: FakeAccount, settings: Settings) -> None:
    account.service_roles = []
    account.ecs_role_error = client_error("AccessDenied", "not authorized to perform iam:CreateServiceLinkedRole")
    make_service_linked_roles(account.aws(settings))
    assert account.changed == []
