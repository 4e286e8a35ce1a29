"""What becomes of a target's answer."""

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.core import http
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.forwarding import _TIME_HEADER, Access, Forwarder, abandoned
from embedded_aws.load_balancer.targets import TargetBoard


@pytest.mark.parametrize(("size", "status"), [(30_000, 200), (33_000, 502)])
def test_an_answer_whose_headers_are_too_long_is_none(monkeypatch: pytest.MonkeyPatch, size: int, status: int) -> None:
    async def send(*_: object, **__: object) -> http.HttpResponse:
        return http.HttpResponse(status=200, headers=(("set-cookie", "a" * (size // 2)),) * 2)

    monkeypatch.setattr(http, "send", send)
    forwarder = Forwarder(board=TargetBoard(clock_factor=1), resolve=lambda *_: ("127.0.0.1", 31000), observers=())
    answer = asyncio.run(forwarder._send("10.0.1.7", 3000, http.HttpRequest(method="GET", target="/"), idle_seconds=60))

    assert answer[0] == status


@pytest.mark.parametrize(("attributes", "idle_seconds"), [({}, 60), ({"idle_timeout.timeout_seconds": "7"}, 7)])
def test_an_answer_is_waited_for_as_long_as_the_load_balancer_is_told(
    monkeypatch: pytest.MonkeyPatch, attributes: dict[str, str], idle_seconds: float
) -> None:
    waited: list[float] = []

    async def send(*_: object, idle_seconds: float, **__: object) -> http.HttpResponse:
        waited.append(idle_seconds)
        raise TimeoutError

    def attribute(arn: str, key: str, default: str) -> str:
        return {"balancer": attributes}[arn].get(key, default)

    action = {"Type": "forward", "TargetGroupArn": "group"}
    monkeypatch.setattr(http, "send", send)
    monkeypatch.setattr(emulator, "target_groups", {"group": {"TargetType": "ip"}})
    monkeypatch.setattr(emulator, "listeners", {"it": {"LoadBalancerArn": "balancer", "DefaultActions": [action]}})
    monkeypatch.setattr(emulator, "attribute", attribute)
    key = SimpleNamespace(address="10.0.1.7", port=3000)
    board: Any = SimpleNamespace(clock_factor=1, borrow=lambda _: nullcontext(key))
    forwarder = Forwarder(board=board, resolve=lambda *_: ("127.0.0.1", 31000), observers=())
    answer = asyncio.run(forwarder._forward(lambda: None, "group", "GET", "/", {}, b"", {}, "", "/"))

    assert answer[0] == 504
    assert waited == [idle_seconds]


@pytest.mark.parametrize(("gone", "counted"), [(True, (460, None)), (False, (502, 1.5))])
def test_a_client_that_has_gone_is_no_error_of_the_service(*, gone: bool, counted: tuple[int, float | None]) -> None:
    """As AWS counts it; or an alarm for 5xx would end a release that no user has met (user guide, HTTP 460)."""
    seen: list[Access] = []
    forwarder = Forwarder(board=TargetBoard(clock_factor=1), resolve=lambda *_: ("", 0), observers=(seen.append,))

    async def answer(*_: Any, **__: Any) -> tuple[int, dict[str, str], bytes]:
        return 502, {_TIME_HEADER: "1.5"}, b""

    async def run() -> None:
        abandoned.set(lambda: gone)
        await forwarder._execute_actions(answer, [], "GET", "/", {}, b"")

    asyncio.run(run())
    assert [(access.status, access.target_seconds) for access in seen] == [counted]
