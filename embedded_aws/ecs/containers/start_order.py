"""The start order of a task's containers, and the conditions that each waits for (``dependsOn``)."""

import threading
import time
from collections.abc import Callable, Iterable

from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import DependencyError, TaskContainer

DEFAULT_START_SECONDS = 180.0  # default on Fargate (API reference, ContainerDefinition, startTimeout)


def in_order(containers: list[emulator.Record]) -> list[emulator.Record]:
    """Containers after their dependencies, else as given. Raises DependencyError: a circle, or a missing one."""
    waiting, started = list(containers), list[emulator.Record]()
    while waiting:
        names = {each["name"] for each in started}
        ready = next(
            (it for it in waiting if all(on["containerName"] in names for on in it.get("dependsOn") or [])), None
        )
        if ready is None:
            stuck = ", ".join(each["name"] for each in waiting)
            raise DependencyError(f"dependency graph: the dependencies of the containers {stuck} cannot be resolved")
        waiting.remove(ready)
        started.append(ready)
    return started


class Waiting:
    """Waits for the conditions of a task's containers."""

    def __init__(self, *, find: Callable[[str], TaskContainer | None], healthy: Callable[[str], bool]) -> None:
        """Take functions that find the task's containers by name and report their health."""
        self._find = find
        self._healthy = healthy
        self._changed = threading.Condition()

    def notify(self) -> None:
        """Check the conditions again: a container has ended, or its health has changed."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, container: emulator.Record, others: Iterable[emulator.Record]) -> None:
        """Wait until a container may start. Raises DependencyError: its conditions can no longer be met."""
        timeouts = {each["name"]: float(each.get("startTimeout") or DEFAULT_START_SECONDS) for each in others}
        for dependency in container.get("dependsOn") or []:
            name, condition = dependency["containerName"], dependency.get("condition", "START")
            self._wait(container["name"], name, condition, timeouts.get(name, DEFAULT_START_SECONDS))

    def _wait(self, target: str, name: str, condition: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._is_condition_met(target, name, condition):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise DependencyError(
                        f"dependency graph: container ordering dependency [{name}] for target [{target}] has timed out."
                    )
                self._changed.wait(left)

    def _is_condition_met(self, target: str, name: str, condition: str) -> bool:
        container = self._find(name)
        if container is None:
            raise DependencyError(f"dependency graph: container ordering dependency [{name}] was stopped.")
        code = container.exit_code
        if condition == "SUCCESS" and code not in (None, 0):
            raise DependencyError(
                f"dependency graph: failed to resolve container ordering dependency [{name}] for target [{target}] as "
                "dependency did not exit successfully."
            )
        if condition == "HEALTHY" and code is not None:
            raise DependencyError(
                f"dependency graph: failed to resolve the container ordering dependency [{name}] for target [{target}]"
            )
        if condition in ("SUCCESS", "COMPLETE"):
            return code is not None
        return condition != "HEALTHY" or self._healthy(name)
