"""The two secrets of the database, while its stack is deleted."""

from types import SimpleNamespace
from typing import Any

from installation.settings import Settings
from ops.doctor.database import examine
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount
from tests.unit.ops.doctor.test_database import Secrets, look


def test_a_half_deleted_stack_misses_no_secret(account: FakeAccount, settings: Settings) -> None:
    """CloudFormation has deleted it for good, and `restore-secret` was the advice."""

    def gone(**_: object) -> Any:
        raise client_error("ResourceNotFoundException", operation="GetSecretValue")

    secrets = Secrets()
    secrets.get_secret_value = gone  # type: ignore[method-assign, assignment]
    assert {it.cause for it in look(account, settings, secrets).findings} >= {"password-missing"}
    aws: Any = account.aws(settings)
    account.stacks["StorageStack"]["StackStatus"] = "DELETE_FAILED"
    aws.secretsmanager = secrets
    aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
    assert examine(aws, NOW).findings == ()
