"""What a health check takes for a good answer."""

import asyncio
from typing import Any

import pytest

from embedded_aws.core import http
from embedded_aws.load_balancer.targets import HealthChecker, TargetBoard, TargetKey, matches


@pytest.mark.parametrize(
    ("matcher", "good", "bad"), [("200", 200, 204), ("200,302", 302, 301), ("200-299,404", 204, 300)]
)
def test_a_matcher_of_status_codes(matcher: str, good: int, bad: int) -> None:
    assert matches(good, matcher)
    assert not matches(bad, matcher)


def test_a_check_asks_for_the_targets_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product that allows the hosts that it knows can know this one, and no other."""
    sent: list[http.HttpRequest] = []

    async def send(_host: str, _port: int, request: http.HttpRequest, **_limits: float) -> http.HttpResponse:
        sent.append(request)
        return http.HttpResponse(status=200)

    monkeypatch.setattr(http, "send", send)
    context: Any = None
    checker = HealthChecker(context=context, board=TargetBoard(clock_factor=1), resolve=lambda *_: ("127.0.0.1", 31000))
    failure = asyncio.run(checker._failure(TargetKey("arn", "10.0.1.7", 3000), {"HealthCheckPath": "/health"}))

    assert failure is None
    assert dict(sent[0].headers)["host"] == "10.0.1.7:3000"
    assert sent[0].is_health_check
