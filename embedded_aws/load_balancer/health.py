"""Health checks: real requests to a task's address on loopback."""

import asyncio
import math
import time
from dataclasses import dataclass

import h11

from embedded_aws.core import http
from embedded_aws.core.context import ServerContext
from embedded_aws.core.real_time import answer_seconds
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.targets import Resolver, TargetBoard, TargetKey

_TICK_SECONDS = 0.1
_LEAST_INTERVAL_SECONDS = 0.2
_LEAST_INTERVAL_SECONDS_WHILE_HEALTHY = 0.5  # a check takes 3 ms of processor time
_AGENT = ("user-agent", "ELB-HealthChecker/2.0")


@dataclass
class HealthChecker:
    """Checks every registered target of every group that a listener uses."""

    context: ServerContext
    board: TargetBoard  # gets the results
    resolve: Resolver  # finds the loopback port of a target's address

    async def run(self) -> None:
        """Check until cancelled."""
        with self.context.scope():
            async with asyncio.TaskGroup() as checks:
                while True:
                    for key, state in self.board.checked():
                        if state.next_check_at <= time.monotonic():
                            state.next_check_at = math.inf  # no second check while this one runs
                            checks.create_task(self._check(key))
                    await asyncio.sleep(_TICK_SECONDS)

    async def _check(self, key: TargetKey) -> None:
        group = emulator.target_groups.get(key.group_arn)
        if group is None:
            return
        failure = await self._failure(key, group)
        self.board.record_check(key, failure)
        interval = float(group.get("HealthCheckIntervalSeconds", 30)) / self.board.clock_factor
        for checked, state in self.board.states(key.group_arn):
            if checked == key:
                healthy = failure is None and state.state == "healthy"
                least = _LEAST_INTERVAL_SECONDS_WHILE_HEALTHY if healthy else _LEAST_INTERVAL_SECONDS
                state.next_check_at = time.monotonic() + max(interval, least)

    async def _failure(self, key: TargetKey, group: emulator.Record) -> tuple[str, str] | None:
        timeout = float(group.get("HealthCheckTimeoutSeconds", 5))
        seconds = answer_seconds(timeout, clock_factor=self.board.clock_factor)
        check_port = _check_port(key, group)
        # A list of allowed hosts, such as Django's, refuses other hosts than the target's own.
        headers = (_AGENT, ("host", f"{key.address}:{check_port}"))
        request = http.HttpRequest(method="GET", target=group.get("HealthCheckPath") or "/", headers=headers)
        host, port = self.resolve(key.address, check_port)
        try:
            response = await http.send(host, port, request, connect_seconds=seconds, idle_seconds=seconds)
        except TimeoutError:
            return "Target.Timeout", "Request timed out"
        except (OSError, h11.ProtocolError):
            return "Target.FailedHealthChecks", "Health checks failed"
        if matches(response.status, group.get("Matcher", {}).get("HttpCode", "200")):
            return None
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{response.status}]"


def _check_port(key: TargetKey, group: emulator.Record) -> int:
    port = group.get("HealthCheckPort", "traffic-port")
    return key.port if port == "traffic-port" else int(port)


def matches(status: int, matcher: str) -> bool:
    """Say whether a status is in a target group's matcher, like ``200,202`` or ``200-299``."""
    ranges = (part.partition("-") for part in matcher.split(","))
    return any(int(first) <= status <= int(last or first) for first, _, last in ranges)
