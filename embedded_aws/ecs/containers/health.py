"""Health checks of containers, run by commands inside them."""

import threading
import time
from collections.abc import Callable

from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.core.real_time import answer_seconds, start_seconds
from embedded_aws.ecs import emulator
from embedded_aws.ecs.containers.container import EngineContainer

# Defaults of a health check in seconds (API reference, HealthCheck).
INTERVAL, _TIMEOUT, RETRIES = 30.0, 5.0, 3
# Lower limits on a fast clock: a check is a process, and a real program does not start faster.
_LEAST_INTERVAL_SECONDS = 2.0
_LEAST_INTERVAL_SECONDS_WHILE_HEALTHY = 5.0  # an engine needs 0.15 seconds of processor time to start a check


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

    def _watch(self, container: EngineContainer, check: emulator.Record, changed: Callable[[], None]) -> None:
        key = (container.task_arn, container.name)
        interval = float(check.get("interval") or INTERVAL) / self._clock_factor
        start = start_seconds(float(check.get("startPeriod") or 0), clock_factor=self._clock_factor)
        grace = time.monotonic() + start
        failures, least = 0, _LEAST_INTERVAL_SECONDS
        while not container.ended.wait(max(interval, least)):
            if self._passes(container, check):
                failures, result = 0, "HEALTHY"
            else:
                # Failures in the start period count only after the container has been healthy once.
                counts = time.monotonic() > grace or self._results.get(key) == "HEALTHY"
                failures += counts
                enough = failures >= int(check.get("retries") or RETRIES)
                result = "UNHEALTHY" if enough else self._results.get(key, "UNKNOWN")
            healthy = result == "HEALTHY" and failures == 0
            least = _LEAST_INTERVAL_SECONDS_WHILE_HEALTHY if healthy else _LEAST_INTERVAL_SECONDS
            if key in self._results and result != self._results[key]:
                self._results[key] = result
                changed()

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
