import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.service.deployments import running_deployments
from tests.support.fakes import FakeAccount


def test_only_deployments_that_have_not_ended_count(account: FakeAccount, settings: Settings) -> None:
    account.deployments = {"d-1": "Succeeded", "d-2": "InProgress", "d-3": "Ready", "d-4": "Failed", "d-5": "Queued"}
    found = running_deployments(account.aws(settings))
    assert [(each.deployment_id, each.status) for each in found] == [
        ("d-2", "InProgress"),
        ("d-3", "Ready"),
        ("d-5", "Queued"),
    ]


@pytest.mark.parametrize("code", ["ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"])
def test_without_a_month_nothing_runs(account: FakeAccount, settings: Settings, code: str) -> None:
    account.deployment_error = code
    assert running_deployments(account.aws(settings)) == ()


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnknownOperationException", "InvalidAction", "400"])
def test_an_answer_that_may_hide_a_release_is_no_answer(account: FakeAccount, settings: Settings, code: str) -> None:
    account.deployment_error = code
    with pytest.raises(ClientError):
        running_deployments(account.aws(settings))
