"""Forwarding: chooses a target group by weight, then a target."""

import random
import re
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import h11

from embedded_aws.core import http
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.real_time import answer_seconds
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.targets import Resolver, TargetBoard

_CONNECT_SECONDS = 10.0  # "The load balancer failed to establish a connection to the target" (user guide, HTTP 504)
_LONGEST_ANSWER_HEAD = 32 * 1024  # in bytes (user guide, "Quotas", HTTP headers)
# "The client closed the connection with the load balancer" (user guide, "Troubleshoot", HTTP 460): counted as one of
# the load balancer's own 4XX, whatever the target answers later.
_ABANDONED = 460
# Whether the client of the current request is gone; nobody else's are seen here.
abandoned: ContextVar[Callable[[], bool]] = ContextVar("hannibal_abandoned", default=lambda: False)
_HTML = {"Content-Type": "text/html"}
# The names of header fields that are valid (user guide, "Load balancer attributes", drop_invalid_header_fields).
_VALID = re.compile(r"[-A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Access:
    """One answered request; without target seconds the answer is the load balancer's own."""

    load_balancer_arn: str
    group_arn: str | None
    method: str
    url: str
    client: str
    user_agent: str
    trace_id: str
    status: int
    target_seconds: float | None
    received_bytes: int
    sent_bytes: int


Observer = Callable[[Access], None]


@dataclass(kw_only=True)
class Forwarder:
    """Replaces the emulator's forwarding, which has one group, no health and no weights."""

    board: TargetBoard  # knows the targets
    resolve: Resolver  # where they are
    observers: Sequence[Observer]  # called with each answered request

    def install(self) -> None:
        """Replace the emulator's forwarding."""
        emulator.execute_actions.wrap(self._execute_actions)
        emulator.forward_to_group.wrap(self._forward)

    async def _execute_actions(
        self,
        original: Function,
        actions: list[emulator.Record],
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        *rest: Any,
        **options: Any,
    ) -> Response:
        """Choose one of an action's target groups by weight, forward, and call the observers."""
        expanded_actions = [self._expand_forward(action) for action in actions]
        balancer = options.get("lb_arn", "")
        if emulator.attribute(balancer, "routing.http.drop_invalid_header_fields.enabled", "false") == "true":
            headers = {name: value for name, value in headers.items() if _VALID.fullmatch(name)}
        status, response_headers, content = await original(
            expanded_actions, method, path, headers, body, *rest, **options
        )
        seconds = response_headers.pop(_TIME_HEADER, None)
        gone = abandoned.get()()
        query = options.get("raw_query_string")
        access = Access(
            load_balancer_arn=balancer,
            group_arn=next((a["TargetGroupArn"] or None for a in expanded_actions if a.get("Type") == "forward"), None),
            method=method,
            url=f"http://{headers.get('host', '-')}{path}" + (f"?{query}" if query else ""),
            client=headers.get("x-forwarded-for", "-").rpartition(", ")[2],
            user_agent=headers.get("user-agent", ""),
            trace_id=headers.get("x-amzn-trace-id", ""),
            status=_ABANDONED if gone else status,
            target_seconds=float(seconds) if seconds and not gone else None,
            received_bytes=len(body or b""),
            sent_bytes=len(content) if isinstance(content, bytes) else 0,
        )
        for observe in self.observers:
            observe(access)
        return status, response_headers, content

    def _expand_forward(self, action: emulator.Record) -> emulator.Record:
        groups = emulator.forwarded_groups(action)
        if action.get("Type") != "forward" or not groups:
            return action
        weights = [weight for _, weight in groups]
        if not any(weights):
            return action | {"TargetGroupArn": "", "ForwardConfig": None}
        chosen = random.choices([arn for arn, _ in groups], weights)[0]  # noqa: S311 - spreads load, guards nothing
        return action | {"TargetGroupArn": chosen, "ForwardConfig": None}

    async def _forward(self, original: Function, group_arn: str, *sent: Any) -> Any:
        group = emulator.target_groups.get(group_arn)
        if group is not None and group.get("TargetType") == "lambda":
            return await original(group_arn, *sent)
        with self.board.borrow(group_arn) as key:
            if key is None:
                return 503, dict(_HTML), _page("503 Service Temporarily Unavailable")
            method, path, headers, body, _, query, raw_path = sent
            target = (raw_path or path) + (f"?{query}" if query else "")
            request = http.HttpRequest(method=method, target=target, headers=tuple(headers.items()), body=body)
            balancer = next(iter(emulator.users_of(group_arn)), "")  # a group is of one at most
            idle = emulator.attribute(balancer, "idle_timeout.timeout_seconds", "60")
            return await self._send(key.address, key.port, request, idle_seconds=float(idle))

    async def _send(self, address: str, port: int, request: http.HttpRequest, *, idle_seconds: float) -> Response:
        host, real_port = self.resolve(address, port)
        started = time.perf_counter()
        try:
            connect = answer_seconds(_CONNECT_SECONDS, clock_factor=self.board.clock_factor)
            response = await http.send(host, real_port, request, connect_seconds=connect, idle_seconds=idle_seconds)
        except TimeoutError:
            return 504, dict(_HTML), _page("504 Gateway Time-out")
        except (OSError, h11.ProtocolError):
            return 502, dict(_HTML), _page("502 Bad Gateway")
        if sum(len(f"{name}: {value}\r\n") for name, value in response.headers) > _LONGEST_ANSWER_HEAD:
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
