"""What becomes of a target's answer."""

import asyncio

import pytest

from embedded_aws.core import http
from embedded_aws.load_balancer.forwarding import Forwarder
from embedded_aws.load_balancer.targets import TargetBoard


@pytest.mark.parametrize(("size", "status"), [(30_000, 200), (33_000, 502)])
def test_an_answer_whose_headers_are_too_long_is_none(monkeypatch: pytest.MonkeyPatch, size: int, status: int) -> None:
    async def send(*_: object, **__: object) -> http.HttpResponse:
        return http.HttpResponse(status=200, headers=(("set-cookie", "a" * (size // 2)),) * 2)

    monkeypatch.setattr(http, "send", send)
    forwarder = Forwarder(board=TargetBoard(clock_factor=1), resolve=lambda *_: ("127.0.0.1", 31000), observers=())
    answer = asyncio.run(forwarder._send("10.0.1.7", 3000, http.HttpRequest(method="GET", target="/")))

    assert answer[0] == status
