"""The probe inside the VPC: how it asks, and that every way out is an answer."""

import socket
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from constructs_lib.handlers import probe_address
from tests.support.http_server import serving


class Answering(BaseHTTPRequestHandler):
    """Answers by path, and remembers what it was asked."""

    heard: list[tuple[str, str | None, str | None]]

    def do_GET(self) -> None:
        self.heard.append((self.path, self.headers["Host"], self.headers["User-Agent"]))
        self.send_response({"/health": 200, "/moved": 302, "/broken": 500}[self.path])
        self.send_header("Location", "/health")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def heard() -> list[Any]:
    Answering.heard = []
    return Answering.heard


@pytest.fixture
def port(heard: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Answering) as server:
        yield server.server_port


def ask(port: int, path: str = "/health", *, seconds: float = 60.0) -> dict[str, Any]:
    question = {"address": "127.0.0.1", "port": port, "host": "alb.example.com", "path": path, "tls": False}
    return probe_address.handler({**question, "seconds": seconds}, None)


def test_it_asks_an_address_by_the_hosts_name(port: int, heard: list[Any]) -> None:
    answer = ask(port)
    assert answer["status"] == 200
    assert 0 <= answer["seconds"] < 60
    assert heard == [("/health", "alb.example.com", probe_address.USER_AGENT)]


def test_an_error_is_an_answer(port: int) -> None:
    assert ask(port, "/broken")["status"] == 500


def test_a_redirect_is_not_followed(port: int, heard: list[Any]) -> None:
    assert ask(port, "/moved")["status"] == 302
    assert len(heard) == 1


def test_a_refused_connection_and_a_timeout_are_reported() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        closed = silent.getsockname()[1]
        assert "refused" in ask(closed)["error"]
        silent.listen()
        assert "timed out" in ask(closed, seconds=0.1)["error"]


def test_tls_checks_the_hosts_name_although_an_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda *_, **options: asked.append(options))
    context = probe_address.tls_for("hannibal.example.com")
    with socket.socket() as plain:
        context.wrap_socket(plain, server_hostname="10.42.0.5")
    assert asked == [{"server_hostname": "hannibal.example.com"}]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
