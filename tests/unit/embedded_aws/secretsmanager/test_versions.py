"""Versions of secrets."""

import json
from typing import Any
from uuid import UUID

import pytest

from embedded_aws.secretsmanager import emulator
from embedded_aws.secretsmanager.versions import _create


@pytest.mark.parametrize("token", [{}, {"ClientRequestToken": None}])
def test_a_request_without_a_token_gets_one(monkeypatch: pytest.MonkeyPatch, token: dict[str, Any]) -> None:
    secrets: dict[str, Any] = {}
    monkeypatch.setattr(emulator, "secrets", secrets)

    def original(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        secrets["s"] = {"ARN": "arn", "Versions": {"v": {"SecretString": "x", "SecretBinary": None}}}
        return 200, {}, json.dumps({"ARN": "arn", "Name": request["Name"], "VersionId": "v"}).encode()

    _, _, body = _create(original, {"Name": "s", "SecretString": "x"} | token)

    version = json.loads(body)["VersionId"]
    assert str(UUID(version)) == version
    assert list(secrets["s"]["Versions"]) == [version]
