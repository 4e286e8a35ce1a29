"""Who may ask for the events of a custom runtime."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from embedded_aws.aws_lambda.functions import with_request_guard
from tests.support.waiting import LIMIT_SECONDS


class Events(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(202)
        self.end_headers()


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("127.0.0.1", {"User-Agent": "AWS_Lambda_Cpp/1.0"}, 202),
        ("127.0.0.1", {"Origin": "https://attacker.example"}, 403),
        ("attacker.example", {}, 403),
    ],
)
def test_only_the_runtimes_program_may_ask_for_events(host: str, headers: dict[str, str], status: int) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), with_request_guard(lambda: Events)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=LIMIT_SECONDS)
        named = {"Host": f"{host}:{server.server_port}", **headers}
        connection.request("POST", "/2018-06-01/runtime/init/error", headers=named)
        assert connection.getresponse().status == status
        connection.close()
        server.shutdown()
