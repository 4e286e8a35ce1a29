"""Which secrets no task could read."""

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
