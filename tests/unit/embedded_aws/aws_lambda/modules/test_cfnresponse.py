import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from typing import Any

import cfnresponse
import pytest

from tests.support.http_server import serving

CONTEXT = SimpleNamespace(log_stream_name="2026/11/24/[$LATEST]abc")


@dataclass
class Receiver:
    """Stands for the bucket behind CloudFormation's response URL."""

    event: dict[str, str]
    answers: list[tuple[str, str | None, dict[str, Any]]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    answers: list[tuple[str, str | None, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

    with serving(Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}/answer?signature=1"
        yield Receiver(
            {"ResponseURL": url, "StackId": "stack", "RequestId": "request", "LogicalResourceId": "Resource"}, answers
        )


def test_success_carries_data_and_identity(receiver: Receiver) -> None:
    cfnresponse.send(receiver.event, CONTEXT, cfnresponse.SUCCESS, {"Answer": 42}, "physical")

    ((path, content_type, answer),) = receiver.answers
    assert path == "/answer?signature=1"
    assert content_type == "", "a presigned URL is signed for an empty content type"
    assert answer == {
        "Status": "SUCCESS",
        "Reason": f"See the details in CloudWatch Log Stream: {CONTEXT.log_stream_name}",
        "PhysicalResourceId": "physical",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Resource",
        "NoEcho": False,
        "Data": {"Answer": 42},
    }


def test_log_stream_is_the_default_of_the_physical_id(receiver: Receiver) -> None:
    cfnresponse.send(receiver.event, CONTEXT, cfnresponse.FAILED, {}, reason="because", noEcho=True)

    ((_, _, answer),) = receiver.answers
    assert answer["PhysicalResourceId"] == CONTEXT.log_stream_name
    assert (answer["Status"], answer["Reason"], answer["NoEcho"]) == ("FAILED", "because", True)
