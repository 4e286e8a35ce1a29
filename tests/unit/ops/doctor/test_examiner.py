"""Credentials that expire while the doctor looks: what it would say of the system then is about them."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, TokenRetrievalError

from installation.settings import Settings
from ops.doctor.examiner import Examiner
from ops.doctor.subjects import Subject
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount


def asked(account: FakeAccount, settings: Settings, error: Exception) -> Examiner:
    def reading() -> Any:
        raise error

    examiner = Examiner(Subject.ECS, account.aws(settings), NOW)
    examiner.read("tasks", reading)
    return examiner


@pytest.mark.parametrize(
    "error",
    [
        client_error("ExpiredTokenException"),
        client_error("ExpiredToken"),
        client_error("InvalidClientTokenId"),
        TokenRetrievalError(provider="sso", error_msg="expired"),
    ],
)
def test_expired_credentials_are_the_only_finding(account: FakeAccount, settings: Settings, error: Exception) -> None:
    with pytest.raises(type(error)):
        asked(account, settings, error)


@pytest.mark.parametrize(
    "error", [client_error("ThrottlingException"), EndpointConnectionError(endpoint_url="https://aws")]
)
def test_what_one_service_does_not_answer_is_a_finding(
    account: FakeAccount, settings: Settings, error: Exception
) -> None:
    (finding,) = asked(account, settings, error).examination().findings
    assert finding.cause == "call-failed"
