"""An answer keeps its form; one about a service that the emulator lacks gets a code that clients read."""

import asyncio
import json
import re
from typing import Any

import pytest
from ministack.core import iam_actions

from embedded_aws.iam import emulator
from embedded_aws.iam.authorization.unknown_operations import _lambda_action, _Models, _with_a_code
from tests.support.boto_model import service_model


def answered(body: object) -> tuple[int, dict[str, str], Any]:
    async def original() -> tuple[int, dict[str, str], object]:
        return 200, {}, body

    return asyncio.run(_with_a_code(original))


@pytest.mark.parametrize("body", ["<Answer/>", b"<Answer/>", bytearray(b"<Answer/>"), "", b""])
def test_an_answer_is_left_as_it_is(body: object) -> None:
    assert answered(body) == (200, {}, body)


@pytest.mark.parametrize("form", [str, str.encode])
def test_of_a_service_that_it_lacks_it_says_so_with_a_code(form: Any) -> None:
    _, headers, body = answered(form('{"error": "Unsupported service: quantum"}'))
    assert headers == {"x-amzn-errortype": "InvalidAction"}
    assert json.loads(body) == {"__type": "InvalidAction", "message": "Unsupported service: quantum"}


@pytest.mark.parametrize("name", ["f", "arn:aws:lambda:ap-northeast-1:000000000000:function:f"])
def test_lambda_is_asked_about_what_is_called(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The emulator takes a setting that is put for new code, and an alias that is deleted for a list of them."""
    monkeypatch.setattr(iam_actions, "_BOTOCORE_SERVICE_MAP", _Models(emulator.models))
    monkeypatch.setattr(iam_actions, "_lambda_action", lambda *call: _lambda_action(lambda *_: "x", *call))
    model = service_model("lambda")
    asked = {}
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        path = re.sub(r"\{.*?\}", name, http["requestUri"].partition("?")[0])
        asked[operation] = iam_actions.extract_iam_action("lambda", http["method"], path, {}, b"", {})

    others = {it: permission for it, permission in asked.items() if permission != f"lambda:{it}"}

    assert others.pop("Invoke") == others.pop("InvokeWithResponseStream") == "lambda:InvokeFunction"
    # One address for two operations each, which the query tells; both read.
    assert set(others) <= {"GetLayerVersionByArn", "ListProvisionedConcurrencyConfigs"}
