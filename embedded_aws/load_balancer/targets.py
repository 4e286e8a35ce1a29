"""The state of each target: health by real requests, draining, and running requests."""

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import h11

from embedded_aws.core import http
from embedded_aws.core.context import ServerContext
from embedded_aws.core.real_time import answer_seconds
from embedded_aws.load_balancer import emulator

# Finds the loopback address of a task at a private address and port.
Resolver = Callable[[str, int], tuple[str, int]]
_INITIAL = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
_HEALTHY = ("healthy", None, None)
_UNUSED = ("unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
_DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
_TICK_SECONDS = 0.1
_LEAST_INTERVAL_SECONDS = 0.2
_LEAST_INTERVAL_SECONDS_WHILE_HEALTHY = 0.5  # a check takes 3 ms of processor time
_AGENT = ("user-agent", "ELB-HealthChecker/2.0")


@dataclass(frozen=True)
class TargetKey:
    """One registration: the same address may be in several groups."""

    group_arn: str
    address: str
    port: int


@dataclass
class TargetState:
    """Health of one registration; state, reason and description are those of DescribeTargetHealth."""

    state: str = _INITIAL[0]
    reason: str | None = _INITIAL[1]
    description: str | None = _INITIAL[2]
    passed_in_a_row: int = 0
    failed_in_a_row: int = 0
    next_check_at: float = 0.0
    drained_at: float | None = None
    registered_at: float = field(default_factory=time.monotonic)

    def become(self, state: str, reason: str | None = None, description: str | None = None) -> None:
        """Set a state with its reason."""
        self.state, self.reason, self.description = state, reason, description


@dataclass
class TargetBoard:
    """The registrations of all groups; ``clock_factor`` shortens how long a target drains."""

    clock_factor: float
    _states: dict[TargetKey, TargetState] = field(default_factory=dict)
    _in_flight: Counter[tuple[str, int]] = field(default_factory=Counter)
    _turn: Counter[str] = field(default_factory=Counter)
    _start_seconds: dict[str, float] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def refresh(self) -> None:
        """Add newly registered targets, and drain deregistered ones."""
        with self._changed:
            registered = {
                TargetKey(arn, target["Id"], _port(arn, target))
                for arn, group in emulator.targets.items()
                if arn in emulator.target_groups
                for target in group
            }
            for key in registered:
                state = self._states.get(key)
                if state is None or state.drained_at is not None:
                    self._states[key] = TargetState()
            self._drain(registered)

    def _drain(self, registered: set[TargetKey]) -> None:
        now = time.monotonic()
        for key in self._states.keys() - registered:
            state = self._states[key]
            if key.group_arn not in emulator.target_groups or (state.drained_at or now) < now:
                del self._states[key]
            elif state.drained_at is None:
                delay = _deregistration_delay(key.group_arn) if emulator.users_of(key.group_arn) else 0.0
                state.drained_at = now + delay / self.clock_factor
                state.become(*_DRAINING)

    def states(self, group_arn: str) -> list[tuple[TargetKey, TargetState]]:
        """List the registrations of a group, draining ones included; unused where no listener forwards to it."""
        self.refresh()
        in_use = bool(emulator.users_of(group_arn))
        states = []
        for key, state in list(self._states.items()):
            if key.group_arn == group_arn:
                if not in_use and state.drained_at is None:
                    state.become(*_UNUSED)
                elif in_use and state.state == _UNUSED[0]:
                    state.become(*_INITIAL)
                    state.next_check_at = 0.0
                states.append((key, state))
        return states

    def checked(self) -> Iterator[tuple[TargetKey, TargetState]]:
        """Give the registrations that get health checks."""
        for arn in list(emulator.target_groups.keys()):
            for key, state in self.states(arn):
                if state.drained_at is None and state.state != _UNUSED[0]:
                    yield key, state

    def let_start(self, address: str, *, seconds: float) -> None:
        """Ignore failed checks of a new target for some seconds: a program does not start faster by the clock.

        On AWS it has the seconds between its checks; with a fast clock it would not, and its alarm would end a release.
        """
        self._start_seconds[address] = seconds

    def _is_starting(self, key: TargetKey, state: TargetState) -> bool:
        seconds = self._start_seconds.get(key.address, 0.0)
        return state.state == _INITIAL[0] and time.monotonic() < state.registered_at + seconds

    def record_check(self, key: TargetKey, failure: tuple[str, str] | None) -> None:
        """Record the result of a check: none, or the reason and description of its failure."""
        state = self._states.get(key)
        if state is None or state.drained_at is not None:
            return
        group = emulator.target_groups.get(key.group_arn) or {}
        if failure is None:
            state.passed_in_a_row, state.failed_in_a_row = state.passed_in_a_row + 1, 0
            # A new target serves after its first passed check; only an unhealthy one needs the threshold.
            needed = 1 if state.state == _INITIAL[0] else int(group.get("HealthyThresholdCount", 5))
            if state.state != "healthy" and state.passed_in_a_row >= needed:
                state.become(*_HEALTHY)
        elif not self._is_starting(key, state):
            state.passed_in_a_row, state.failed_in_a_row = 0, state.failed_in_a_row + 1
            if state.failed_in_a_row >= int(group.get("UnhealthyThresholdCount", 2)):
                state.become("unhealthy", *failure)

    @contextmanager
    def borrow(self, group_arn: str) -> Iterator[TargetKey | None]:
        """Choose the target of one request, in turn among the healthy ones, and count the request while it runs.

        If no target is healthy, all registered ones get requests ("fail open", Application Load Balancer user
        guide, "Target group health"); none without targets.
        """
        with self._changed:
            key = self._choose(group_arn)
            if key is not None:
                self._in_flight[key.address, key.port] += 1
        try:
            yield key
        finally:
            if key is not None:
                with self._changed:
                    self._in_flight[key.address, key.port] -= 1
                    self._changed.notify_all()

    def _choose(self, group_arn: str) -> TargetKey | None:
        keys = [TargetKey(group_arn, t["Id"], _port(group_arn, t)) for t in emulator.targets.get(group_arn, [])]
        healthy = [key for key in keys if (state := self._states.get(key)) and state.state == "healthy"]
        candidates = healthy or keys
        if not candidates:
            return None
        self._turn[group_arn] += 1
        return candidates[self._turn[group_arn] % len(candidates)]

    def wait_until_idle(self, address: str, *, timeout_seconds: float) -> bool:
        """Wait until a draining address has no running request; returns whether that was in time."""

        def idle() -> bool:
            return not any(count for (host, _), count in self._in_flight.items() if host == address)

        with self._changed:
            return self._changed.wait_for(idle, timeout_seconds)


def _port(group_arn: str, target: emulator.Record) -> int:
    return int(target.get("Port") or emulator.target_groups[group_arn].get("Port", 80))


def _deregistration_delay(group_arn: str) -> float:
    attributes = emulator.target_group_attributes.get(group_arn, [])
    named = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    return float(named.get("deregistration_delay.timeout_seconds", 300))


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
        configured = group.get("HealthCheckPort", "traffic-port")
        check_port = key.port if configured == "traffic-port" else int(configured)
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


def matches(status: int, matcher: str) -> bool:
    """Say whether a status is in a target group's matcher, like ``200,202`` or ``200-299``."""
    ranges = (part.partition("-") for part in matcher.split(","))
    return any(int(first) <= status <= int(last or first) for first, _, last in ranges)
