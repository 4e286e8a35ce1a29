"""An answer keeps its form; one about a service that the emulator lacks gets a code that clients read."""

import asyncio
import json
import re
from typing import Any

import pytest
from ministack.core import iam_actions

from embedded_aws.iam import emulator
from embedded_aws.iam.authorization.unknown_operations import (
    _action,
    _add_error_code,
    _lambda_action,
    _Models,
    _require_one_name,
)
from tests.support.boto_model import service_model


def answered(body: object, content_type: str = "") -> tuple[int, dict[str, str], Any]:
    async def original(*_: object) -> tuple[int, dict[str, str], object]:
        return 200, {}, body

    return asyncio.run(_add_error_code(original, "POST", "/", {"content-type": content_type}))


@pytest.mark.parametrize("body", ["<Answer/>", b"<Answer/>", bytearray(b"<Answer/>"), "", b""])
def test_an_answer_is_left_as_it_is(body: object) -> None:
    assert answered(body) == (200, {}, body)


@pytest.mark.parametrize("form", [str, str.encode])
def test_a_service_that_the_emulator_lacks_is_refused_with_a_code(form: Any) -> None:
    _, headers, body = answered(form('{"error": "Unsupported service: quantum"}'))
    assert headers["x-amzn-errortype"] == "InvalidAction"
    assert json.loads(body) == {"__type": "InvalidAction", "message": "Unsupported service: quantum"}


def test_a_client_of_the_query_protocol_gets_xml() -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    _, _, body = answered('{"error": "Unsupported service: quantum"}', kind)
    assert b"<Code>InvalidAction</Code><Message>Unsupported service: quantum</Message>" in body


def patch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam_actions, "_BOTOCORE_SERVICE_MAP", _Models(emulator.models))
    monkeypatch.setattr(iam_actions, "_lambda_action", lambda *call: _lambda_action(lambda *_: "x", *call))


def permission(service: str, method: str, path: str, **more: Any) -> str | None:
    given: Any = {"headers": {}, "body": b"", "query": {}} | more
    return _action(iam_actions.extract_iam_action, service, method, path, *given.values())


@pytest.mark.parametrize("name", ["f", "arn:aws:lambda:ap-northeast-1:000000000000:function:f"])
def test_lambda_is_asked_about_what_is_called(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The emulator takes a setting that is put for new code, and an alias that is deleted for a list of them."""
    patch(monkeypatch)
    model = service_model("lambda")
    asked = {}
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        path = re.sub(r"\{.*?\}", name, http["requestUri"].partition("?")[0])
        asked[operation] = permission("lambda", http["method"], path)

    others = {it: permission for it, permission in asked.items() if permission != f"lambda:{it}"}

    assert others.pop("Invoke") == others.pop("InvokeWithResponseStream") == "lambda:InvokeFunction"
    # One address for two operations each, which the query tells; both read.
    assert set(others) <= {"GetLayerVersionByArn", "ListProvisionedConcurrencyConfigs"}


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("PUT", "/2020-01-01/functions/f/code", "lambda:UnknownOperation"),
        ("POST", "/x/functions", "lambda:UnknownOperation"),
        ("POST", "/x/functions/f/policy", "lambda:UnknownOperation"),
        ("DELETE", "/x/functions/f", "lambda:UnknownOperation"),
        ("POST", "/x/%66unctions", "lambda:UnknownOperation"),
        ("POST", "/2015-03-31/functions/f/invocations", "lambda:InvokeFunction"),
        ("POST", "/2015-03-31/functions/f/invocations/", "lambda:InvokeFunction"),
        ("POST", "/2015-03-31/functions/", "lambda:CreateFunction"),
        ("DELETE", "/2015-03-31/functions/invocations", "lambda:DeleteFunction"),
    ],
)
def test_a_path_that_lambda_lacks_needs_a_permission_for_everything(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, needed: str
) -> None:
    patch(monkeypatch)
    assert permission("lambda", method, path) == needed


@pytest.mark.parametrize(
    ("service", "path"), [("scheduler", "/x"), ("eks", "/x"), ("elasticfilesystem", "/x"), ("cloudfront", "/x")]
)
def test_a_path_that_another_service_lacks_needs_a_permission_for_everything(
    monkeypatch: pytest.MonkeyPatch, service: str, path: str
) -> None:
    patch(monkeypatch)
    assert permission(service, "POST", path) == f"{service}:UnknownOperation"


@pytest.mark.parametrize(
    "more",
    [
        {"query": {"Action": ["ListFunctions"]}},
        {"headers": {"x-amz-target": "A.ListFunctions"}},
        {"headers": FORM, "body": b"Action=ListFunctions"},
    ],
)
def test_only_the_path_names_an_operation_of_a_service_with_paths(monkeypatch: pytest.MonkeyPatch, more: Any) -> None:
    patch(monkeypatch)
    assert permission("lambda", "DELETE", "/2015-03-31/functions/f", **more) == "lambda:DeleteFunction"


def test_an_operation_is_found_wherever_the_emulator_reads_it() -> None:
    assert permission("monitoring", "POST", "/service/Granite/operation/PutMetricData") == "cloudwatch:PutMetricData"
    assert permission("iam", "POST", "/", body=b"Action=CreateUser") == "iam:CreateUser"
    assert permission("iam", "POST", "/") == "iam:UnknownOperation"
    assert permission("s3", "OPTIONS", "/bucket") is None


@pytest.mark.parametrize(
    ("path", "headers", "body", "query"),
    [
        ("/", {}, b"Action=CreateUser", {"Action": ["ListUsers"]}),
        ("/", {"x-amz-target": "AmazonSSM.GetParameter"}, b"{}", {"Action": ["DescribeParameters"]}),
        ("/", FORM | {"x-amz-target": "A.ListUsers"}, b"Action=CreateUser", {}),
        ("/service/Granite/operation/PutMetricData", {}, b"", {"Action": ["ListMetrics"]}),
    ],
)
def test_a_request_names_one_operation(path: str, headers: dict[str, str], body: bytes, query: Any) -> None:
    async def original(*_request: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b""

    def status(*request: Any) -> int:
        return asyncio.run(_require_one_name(original, "POST", *request, "id"))[0]

    assert status(path, headers, body, query) == 400
    assert status(path, {}, b"", {}) == status("/", headers, b"{}", {}) == status("/", FORM, b"Action=A", {}) == 200
