"""A container that runs in the engine, and its health checks, which are commands inside it."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.core.real_time import answer_seconds, start_seconds
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import KILLED, LogBuffer, TaskContainer

_SECONDS_BEYOND_STOP = 300.0  # an engine's command takes seconds, more on a busy machine
_UNKNOWN_EXIT = 255
# Defaults of a health check in seconds (API reference, HealthCheck).
INTERVAL, _TIMEOUT, RETRIES = 30.0, 5.0, 3
# Lower limits on a fast clock: a check is a process, and a real program does not start faster.
_LEAST_INTERVAL_SECONDS = 2.0
_LEAST_INTERVAL_SECONDS_WHILE_HEALTHY = 5.0  # an engine needs 0.15 seconds of processor time to start a check


@dataclass(eq=False, kw_only=True)
class EngineContainer(TaskContainer):
    """A container in the engine, with its output and its end."""

    engine: Engine
    id: str  # id in the engine
    name: str  # name in the task definition
    image: str  # as the task definition names it
    task_arn: str  # ARN of its task
    address: str  # private address of the task
    stop_timeout: float  # seconds between SIGTERM and SIGKILL
    log: LogBuffer | None
    on_exit: Callable[["EngineContainer"], None]  # called once, after it has ended
    end_task: Callable[[str], None]  # ends its whole task
    exit_code: int | None = None  # None while it runs
    out_of_memory: bool = False  # whether it was killed for using too much memory
    ended: threading.Event = field(default_factory=threading.Event)  # set when it has ended
    _injected_exit: int | None = None

    def stop(self, **_options: Any) -> None:
        """End the task: its containers, in order, then its network."""
        self.end_task(self.task_arn)

    def follow(self) -> None:
        """Start to read its output and to wait for its end."""
        threading.Thread(target=self._follow, name=f"container-{self.id[:12]}", daemon=True).start()

    def _follow(self) -> None:
        try:
            self._read_output()
            code, out_of_memory = self._final_state()
        except (EngineError, ValueError, KeyError, OSError):
            code, out_of_memory = _UNKNOWN_EXIT, False  # another program removed it
        injected = self._injected_exit
        self.out_of_memory = out_of_memory if injected is None else injected == KILLED
        self.exit_code = code if injected is None else injected
        if self.log is not None:
            self.log.end()
        self.ended.set()
        self.on_exit(self)

    def _read_output(self) -> None:
        with self.engine.follow("logs", "--follow", self.id) as process:
            assert process.stdout is not None  # noqa: S101 - it was started with a pipe
            for line in process.stdout:
                if self.log is not None:
                    self.log.write(line.rstrip(b"\r\n"))

    def _final_state(self) -> tuple[int, bool]:
        state = self._state()
        if state.get("Running"):
            self.engine.call("wait", self.id, timeout_seconds=None)
            state = self._state()
        return int(state["ExitCode"]), bool(state.get("OOMKilled"))

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.engine.call("inspect", "--format", "{{json .State}}", self.id))
        return state

    def end(self) -> int:
        """Send SIGTERM, after the time limit SIGKILL, and return the exit code."""
        if self.exit_code is None:
            seconds = int(self.stop_timeout)
            with suppress(EngineError):  # a container that hangs is removed by force afterwards
                self.engine.run("stop", "-t", str(seconds), self.id, timeout_seconds=seconds + _SECONDS_BEYOND_STOP)
        self.ended.wait(_SECONDS_BEYOND_STOP)
        return _UNKNOWN_EXIT if self.exit_code is None else self.exit_code

    def exit_with(self, code: int) -> None:
        """End it now, as if by itself with this exit code."""
        self._injected_exit = code
        self.engine.run("kill", self.id)


class ContainerHealth:
    """Runs the checks of all containers and keeps their results.

    The engine's own checks are not used: Podman runs them by timers of systemd, which many machines do not have.
    """

    def __init__(self, engine: Engine, *, clock_factor: float) -> None:
        self._engine = engine
        self._clock_factor = clock_factor
        self._results: dict[tuple[str, str], str] = {}

    def result(self, task_arn: str, name: str) -> str | None:
        """``HEALTHY``, ``UNHEALTHY`` or ``UNKNOWN``; None if this container has no check."""
        return self._results.get((task_arn, name))

    def watch(self, container: EngineContainer, check: emulator.Record, changed: Callable[[], None]) -> None:
        """Check a container until it ends, and call ``changed`` when the result changes."""
        self._results[container.task_arn, container.name] = "UNKNOWN"
        name = f"health-{container.id[:12]}"
        threading.Thread(target=self._watch, args=(container, check, changed), name=name, daemon=True).start()

    def forget(self, task_arn: str) -> None:
        """Drop the results of a task that has ended."""
        for key in [key for key in list(self._results) if key[0] == task_arn]:
            self._results.pop(key, None)

    def _watch(self, container: EngineContainer, check: emulator.Record, on_change: Callable[[], None]) -> None:
        key = (container.task_arn, container.name)
        interval = float(check.get("interval") or INTERVAL) / self._clock_factor
        start = start_seconds(float(check.get("startPeriod") or 0), clock_factor=self._clock_factor)
        grace = time.monotonic() + start
        failures, least_interval = 0, _LEAST_INTERVAL_SECONDS
        while not container.ended.wait(max(interval, least_interval)):
            if self._passes(container, check):
                failures, result = 0, "HEALTHY"
            else:
                # Failures in the start period count only after the container has been healthy once.
                counts = time.monotonic() > grace or self._results.get(key) == "HEALTHY"
                failures += counts
                enough = failures >= int(check.get("retries") or RETRIES)
                result = "UNHEALTHY" if enough else self._results.get(key, "UNKNOWN")
            healthy = result == "HEALTHY" and failures == 0
            least_interval = _LEAST_INTERVAL_SECONDS_WHILE_HEALTHY if healthy else _LEAST_INTERVAL_SECONDS
            if key in self._results and result != self._results[key]:
                self._results[key] = result
                on_change()

    def _passes(self, container: EngineContainer, check: emulator.Record) -> bool:
        words = [str(word) for word in check["command"]]
        command = ["/bin/sh", "-c", " ".join(words[1:])] if words[0] == "CMD-SHELL" else words[1:]
        if words[0] not in ("CMD", "CMD-SHELL"):
            command = words  # ECS treats a list without CMD or CMD-SHELL as a command
        try:
            seconds = answer_seconds(float(check.get("timeout") or _TIMEOUT), clock_factor=self._clock_factor)
            return self._engine.run("exec", container.id, *command, timeout_seconds=seconds).returncode == 0
        except EngineError:
            return False
