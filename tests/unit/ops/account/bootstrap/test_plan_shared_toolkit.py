"""The CDK's toolkit is one of an account and region, for all CDK applications in it."""

from installation.names.persistent import TOOLKIT_STACK
from ops.account.bootstrap.desired_stacks import DesiredStack
from ops.account.bootstrap.plan import difference
from tests.support.fakes import FakeAccount


def test_other_applications_that_deploy_with_the_toolkit_are_named(account: FakeAccount) -> None:
    account.add_stack(TOOLKIT_STACK, Tags=[])
    step = difference(account.aws(), DesiredStack(name=TOOLKIT_STACK, template="{}"))
    assert step is not None
    assert "other CDK applications of this account and region" in step.text


def test_other_applications_that_would_lose_its_roles_are_named(account: FakeAccount) -> None:
    former = [{"ParameterKey": "Qualifier", "ParameterValue": "theirs"}]
    account.add_stack(TOOLKIT_STACK, Tags=[], Parameters=former)
    step = difference(
        account.aws(), DesiredStack(name=TOOLKIT_STACK, template="{}", parameters={"Qualifier": "hnb659fds"})
    )
    assert step is not None
    assert "lose its roles, of qualifier theirs" in step.text
