"""What a container gets of Secrets Manager and Parameter Store."""

import json
from typing import Any

import pytest

from embedded_aws.ecs import secrets
from embedded_aws.secretsmanager import emulator as secretsmanager
from embedded_aws.ssm import emulator as ssm

_SECRET = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:vendor-AbCdEf"


def _resolved(source: str, original: Any = "as the emulator reads it") -> str:
    definition = {"secrets": [{"name": "VALUE", "valueFrom": source}]}
    return secrets.resolve_secrets(lambda _: {"VALUE": original}, definition)["VALUE"]


def test_a_secure_parameter_is_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "arn:aws:ssm:ap-northeast-1:000000000000:parameter/x/TOKEN"
    monkeypatch.setattr(ssm, "parameter_value", lambda _, *, decrypt: "plain" if decrypt else "ENCRYPTED:cGxhaW4=")

    assert _resolved(path) == "plain"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("te:xt", "te:xt"),
        (12, "12"),
        (1234567, "1.234567e+06"),
        (999999, "999999"),
        (0.00001, "1e-05"),
        (-0.5, "-0.5"),
        (0, "0"),
        (True, "true"),
        (None, "<nil>"),
        ({"b": [1, "x", None], "a": {"z": True}}, "map[a:map[z:true] b:[1 x <nil>]]"),
    ],
)
def test_a_value_of_json_is_written_as_the_agent_writes_it(
    monkeypatch: pytest.MonkeyPatch, value: object, text: str
) -> None:
    monkeypatch.setattr(secretsmanager, "secret_text", {_SECRET: json.dumps({"key": value, "dotted.key": "other"})}.get)

    assert _resolved(f"{_SECRET}:key::") == text
    assert _resolved(f"{_SECRET}:dotted.key::") == "other"


def test_without_a_key_it_is_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secretsmanager, "secret_text", {_SECRET: '{"key": 1}'}.get)

    assert _resolved(_SECRET) == '{"key": 1}'
