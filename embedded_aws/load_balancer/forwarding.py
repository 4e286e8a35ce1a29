"""Forwarding: weights between target groups, then one request to one target."""

import random
import time
from collections.abc import Awaitable
from typing import Any

import h11

from embedded_aws import http
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.metrics import AccessMetrics
from embedded_aws.load_balancer.targets import Resolver, TargetBoard
from embedded_aws.patching import Function, Response, wrap

_CONNECT_SECONDS = 10.0  # "The load balancer failed to establish a connection to the target" (user guide, HTTP 504)
_IDLE_SECONDS = 60.0
_HTML = {"Content-Type": "text/html"}


class Forwarder:
    """Takes the place of the emulator's forwarding, which knows one group, no health and no weights."""

    def __init__(self, *, board: TargetBoard, metrics: AccessMetrics, resolve: Resolver) -> None:
        self._board = board
        self._metrics = metrics
        self._resolve = resolve

    def install(self) -> None:
        """Take over from the emulator."""
        wrap(emulator.module, "_execute_actions", self._execute_actions)
        wrap(emulator.module, "_forward_to_tg", self._forward)

    def _execute_actions(self, original: Function, actions: list[emulator.Record], *args: Any, **kwargs: Any) -> Any:
        """Choose one of an action's target groups by weight."""
        chosen = [self._with_one_group(action) for action in actions]
        answer: Awaitable[Response] = original(chosen, *args, **kwargs)
        return self._counted(answer, kwargs.get("lb_arn", ""), chosen)

    def _with_one_group(self, action: emulator.Record) -> emulator.Record:
        groups = emulator.forwarded_groups(action)
        if action.get("Type") != "forward" or not groups:
            return action
        weights = [weight for _, weight in groups]
        if not any(weights):
            return action | {"TargetGroupArn": "", "ForwardConfig": None}
        chosen = random.choices([arn for arn, _ in groups], weights)[0]  # noqa: S311 - spreads load, guards nothing
        return action | {"TargetGroupArn": chosen, "ForwardConfig": None}

    async def _counted(
        self, answer: Awaitable[Response], load_balancer_arn: str, actions: list[emulator.Record]
    ) -> Response:
        status, headers, body = await answer
        seconds = headers.pop(_TIME_HEADER, None)
        group = next((a["TargetGroupArn"] for a in actions if a.get("Type") == "forward"), None)
        self._metrics.count(load_balancer_arn, group, status, float(seconds) if seconds else None)
        return status, headers, body

    async def _forward(
        self,
        original: Function,
        group_arn: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, list[str]],
        raw_query_string: str | None = None,
        raw_path: str | None = None,
    ) -> Any:
        group = emulator.target_groups.get(group_arn)
        if group is not None and group.get("TargetType") == "lambda":
            return await original(group_arn, method, path, headers, body, query_params, raw_query_string, raw_path)
        with self._board.borrow(group_arn) as key:
            if key is None:
                return 503, dict(_HTML), _page("503 Service Temporarily Unavailable")
            target = (raw_path or path) + (f"?{raw_query_string}" if raw_query_string else "")
            request = http.Request(method=method, target=target, headers=tuple(headers.items()), body=body)
            return await self._send(key.address, key.port, request)

    async def _send(self, address: str, port: int, request: http.Request) -> Response:
        host, real_port = self._resolve(address, port)
        started = time.perf_counter()
        try:
            response = await http.send(
                host, real_port, request, connect_seconds=_CONNECT_SECONDS, idle_seconds=_IDLE_SECONDS
            )
        except TimeoutError:
            return 504, dict(_HTML), _page("504 Gateway Time-out")
        except (OSError, h11.ProtocolError):
            return 502, dict(_HTML), _page("502 Bad Gateway")
        headers: dict[str, Any] = {}
        for name, value in response.headers:
            headers.setdefault(name, []).append(value)
        single = {name: values[0] if len(values) == 1 else values for name, values in headers.items()}
        return response.status, single | {_TIME_HEADER: repr(time.perf_counter() - started)}, response.body


_TIME_HEADER = "x-hannibal-target-seconds"


def _page(title: str) -> bytes:
    text = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    return f"{text}</body>\r\n</html>\r\n".encode()
