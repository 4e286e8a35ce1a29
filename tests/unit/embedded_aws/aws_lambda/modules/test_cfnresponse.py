import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import cfnresponse
import pytest

CONTEXT = SimpleNamespace(log_stream_name="2026/11/24/[$LATEST]abc")


class Receiver(HTTPServer):
    """Stands for the bucket behind CloudFormation's response URL."""

    answers: list[tuple[str, str | None, dict[str, Any]]]

    @property
    def event(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_port}/answer?signature=1"
        return {"ResponseURL": url, "StackId": "stack", "RequestId": "request", "LogicalResourceId": "Resource"}


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(("127.0.0.1", 0), _Handler)
    server.answers = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


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
