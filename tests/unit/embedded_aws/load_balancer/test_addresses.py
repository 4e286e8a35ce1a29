"""What a load balancer makes of a request before its listener's rules see it."""

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.core.http import Headers, HttpRequest, HttpResponse
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.addresses import ListenerPorts
from embedded_aws.load_balancer.forwarding import abandoned

_BALANCER = {"LoadBalancerArn": "balancer", "DNSName": "shop-alb.elb.amazonaws.com"}
_HOST = (("Host", "shop.example"),)


def _send(monkeypatch: pytest.MonkeyPatch, **request: Any) -> tuple[HttpResponse, dict[str, str]]:
    """The answer, and the headers that the rules see."""
    seen: dict[str, str] = {}

    async def dispatch(_balancer: object, _method: str, _path: str, headers: dict[str, str], *_: Any, **__: Any) -> Any:
        seen.update(headers, gone=str(abandoned.get()()))
        return 200, {}, b""

    monkeypatch.setattr(emulator, "listeners", {"listener": {"LoadBalancerArn": "balancer", "Port": 80}})
    monkeypatch.setattr(emulator, "load_balancers", {"balancer": _BALANCER})
    monkeypatch.setattr(emulator, "dispatch_request", dispatch)
    context: Any = SimpleNamespace(scope=nullcontext)
    asked = HttpRequest(**({"method": "GET", "target": "/", "headers": _HOST} | request))
    return asyncio.run(ListenerPorts(context).answer("listener", asked)), seen


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"headers": (*_HOST, ("Cookie", "a" * 16_000))}, 200),
        ({"headers": (*_HOST, ("Cookie", "a" * 16_400))}, 400),
        ({"headers": (*_HOST, *((f"X-{number}", "a" * 16_000) for number in range(5)))}, 400),
        ({"target": "/" + "a" * 16_000}, 200),
        ({"target": "/" + "a" * 16_400}, 400),
        ({"method": "TRACE"}, 405),
    ],
)
def test_what_it_does_not_take_reaches_no_target(
    monkeypatch: pytest.MonkeyPatch, request_: dict[str, Any], status: int
) -> None:
    answer, seen = _send(monkeypatch, **request_)
    assert answer.status == status
    assert bool(seen) == (status == 200)


@pytest.mark.parametrize(("mode", "status"), [("strictest", 400), ("defensive", 200)])
@pytest.mark.parametrize(
    "request_",
    [
        {"headers": (*_HOST, ("Cookie", "name=J\u00fcrg"))},
        {"headers": (*_HOST, ("Content-Length", "0"))},
        {"method": "HEAD", "headers": (*_HOST, ("Transfer-Encoding", "chunked"))},
        {"method": "POST", "headers": (*_HOST, ("Content-Length", "3"), ("Transfer-Encoding", "chunked"))},
    ],
)
def test_the_strictest_mode_takes_what_complies_with_http(
    monkeypatch: pytest.MonkeyPatch, request_: dict[str, Any], mode: str, status: int
) -> None:
    attributes = {"routing.http.desync_mitigation_mode": mode}  # user guide, "Load balancer attributes"
    monkeypatch.setattr(emulator, "attribute", lambda _, key, default: attributes.get(key, default))
    assert _send(monkeypatch, **request_)[0].status == status
    compliant = (*_HOST, ("Content-Length", "0"), ("X-Empty", ""), ("Cookie", "name=J%C3%BCrg\t~"))
    assert _send(monkeypatch, method="POST", headers=compliant)[0].status == 200


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        ((*_HOST, ("X-A", "1"), ("x-a", "2")), "x-a", "1, 2"),
        ((*_HOST, ("Cookie", "a=1"), ("Cookie", "b=2")), "cookie", "a=1; b=2"),
        ((), "host", "shop-alb.elb.amazonaws.com"),  # as of HTTP/1.0
        (_HOST, "host", "shop.example"),
    ],
)
def test_the_target_gets_every_value_and_always_a_host(
    monkeypatch: pytest.MonkeyPatch, headers: Headers, name: str, value: str
) -> None:
    _, seen = _send(monkeypatch, headers=headers)
    assert seen[name] == value


@pytest.mark.parametrize("gone", [True, False])
def test_whoever_counts_the_request_sees_whether_its_client_has_gone(
    monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    _, seen = _send(monkeypatch, is_abandoned=lambda: gone)
    assert seen["gone"] == str(gone)
