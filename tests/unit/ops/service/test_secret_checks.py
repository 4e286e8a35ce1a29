"""Which secrets no task could read."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.service.secret_checks import missing_secrets
from tests.support.aws import aws_of
from tests.support.synthesis import changed

_PATH = "/shop/token"
_KEYS = "arn:aws:kms:ap-northeast-1:123456789012"


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ("", False),
        ("alias/aws/ssm", False),
        (f"{_KEYS}:alias/aws/ssm", False),
        ("alias/shop", True),
        (f"{_KEYS}:key/00000000-0000-0000-0000-000000000000", True),
    ],
)
def test_the_key_of_a_parameter_may_be_named_in_each_way(settings: Settings, key: str, refused: bool) -> None:
    pages: list[Any] = [{"Parameters": [{"Name": _PATH, "KeyId": key}]}]
    ssm = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: pages))
    aws = aws_of(ssm=ssm, settings=changed(settings, service={"secrets": {"TOKEN": {"parameter": _PATH}}}))
    assert [f"is encrypted with {key}" in it for it in missing_secrets(aws)] == [True] * refused


@pytest.mark.parametrize(
    ("secret", "command"),
    [
        (None, "create-secret"),
        ({"DeletedDate": datetime(2026, 11, 18, tzinfo=UTC)}, "restore-secret"),
        ({}, "tag-resource"),
        ({"Tags": [{"Key": "Project", "Value": "nestjs-hannibal-3"}], "KmsKeyId": "alias/shop"}, "update-secret"),
    ],
)
def test_a_secret_that_was_just_made_has_the_advice_to_wait(settings: Settings, secret: Any, command: str) -> None:
    """ListSecrets "might not reflect changes from the last five minutes" (Secrets Manager API reference)."""

    def pages(*, IncludePlannedDeletion: bool = False, **_: Any) -> Any:  # noqa: N803 - AWS's name
        hidden = secret is None or ("DeletedDate" in secret and not IncludePlannedDeletion)
        return [{"SecretList": [] if hidden else [{"Name": "shop", **secret}]}]

    client = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=pages))
    named = changed(settings, service={"secrets": {"TOKEN": {"secrets_manager": "shop"}}})
    (missing,) = missing_secrets(aws_of(secretsmanager=client, settings=named))
    assert f"aws secretsmanager {command}" in missing
    assert missing.endswith("is seen within five minutes")
