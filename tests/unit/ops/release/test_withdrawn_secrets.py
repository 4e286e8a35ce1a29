"""An earlier version whose secrets the execution role may no longer read."""

from typing import Any

import pytest

from ops.release.checks import withdrawn_secret_refusals
from ops.release.revision import up_to_name

SECRETS, JWT = "arn:aws:secretsmanager:r:1:secret:", "arn:aws:ssm:r:1:parameter/p/secrets/jwt"


@pytest.mark.parametrize(
    ("value_from", "arn"),
    [
        (JWT, JWT),
        (f"{JWT}-secret", f"{JWT}-secret"),
        (f"{SECRETS}mail/smtp", f"{SECRETS}mail/smtp"),
        (f"{SECRETS}mail/smtp:password::", f"{SECRETS}mail/smtp"),
        (f"{SECRETS}mail-secret-AbCdEf", f"{SECRETS}mail-secret"),
        (f"{SECRETS}mail-secret-AbCdEf:password::", f"{SECRETS}mail-secret"),
    ],
)
def test_a_secret_is_known_by_its_name(value_from: str, arn: str) -> None:
    assert up_to_name(value_from) == arn


@pytest.mark.parametrize(
    ("earlier", "deployed", "lost"),
    [
        ({}, {}, ""),
        ({"JWT": JWT}, {"TOKEN": JWT}, ""),
        ({"JWT": JWT}, {"JWT": f"{JWT}2"}, "JWT"),
        ({"MAIL": f"{SECRETS}mail:password::"}, {"MAIL": f"{SECRETS}mail-AbCdEf:user::"}, ""),
        ({"MAIL": f"{SECRETS}mail"}, {}, "MAIL"),
    ],
)
def test_what_the_deployed_settings_name_no_longer_cannot_be_read(earlier: Any, deployed: Any, lost: str) -> None:
    definitions = (
        {"containerDefinitions": [{"name": "api", "secrets": [{"name": k, "valueFrom": v} for k, v in it.items()]}]}
        for it in (earlier, deployed)
    )
    found = list(withdrawn_secret_refusals("arn:aws:ecs:r:1:task-definition/t:3", *definitions))
    assert [it.startswith("t:3 reads") and f"({lost} of the container api)" in it for it in found] == [True] * bool(
        lost
    )
