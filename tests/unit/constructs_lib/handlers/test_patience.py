"""How long the functions that CloudFormation calls wait for their permissions."""

import runpy
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.exceptions import ClientError

from constructs_lib.handler_function import HANDLERS


class Raw:
    """A body as botocore reads it."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._text


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-no-account")
    monkeypatch.setattr("botocore.endpoint.time.sleep", made.append)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return made


def client(*codes: str) -> Any:
    """A client that was made after the code ran, and is answered by these error codes and then well."""
    runpy.run_path(str(HANDLERS / "patience.py"))
    ssm = boto3.client("ssm", region_name="ap-northeast-1")
    left = list(codes)

    def answer(**_: Any) -> AWSResponse:
        body = f'{{"__type": "{left.pop(0)}"}}' if left else '{"Parameter": {"Value": "it"}}'
        status = 400 if "__type" in body else 200
        return AWSResponse("https://ssm", status, HTTPHeaders(), Raw(body.encode()))

    events: Any = ssm.meta.events
    events.register("before-send", answer)
    return ssm


def test_a_call_that_was_refused_is_repeated(pauses: list[float]) -> None:
    ssm = client("AccessDeniedException", "AccessDenied")
    assert ssm.get_parameter(Name="it")["Parameter"]["Value"] == "it"
    assert pauses == [1, 2]


def test_a_permission_that_stays_missing_ends_the_repeats(pauses: list[float]) -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client(*["AccessDeniedException"] * 6).get_parameter(Name="it")
    assert pauses == [1, 2, 4, 8, 16]


def test_another_error_is_not_waited_for(pauses: list[float]) -> None:
    with pytest.raises(ClientError, match="ParameterNotFound"):
        client("ParameterNotFound").get_parameter(Name="it")
    assert pauses == []
