"""Health of tasks, by their own health checks and the load balancer's."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from embedded_aws.core.faults import Faults
from embedded_aws.core.real_time import start_seconds
from embedded_aws.ecs import emulator
from embedded_aws.ecs.containers.container import INTERVAL, RETRIES
from embedded_aws.load_balancer.targets import TargetBoard, TargetState


class Failure(NamedTuple):
    """The reason to replace a task, in the words of the service's event and of the task."""

    event: str
    stopped_reason: str


@dataclass
class TaskHealth:
    """Decides which running tasks are healthy."""

    board: TargetBoard
    faults: Faults
    clock_factor: float  # shortens grace periods
    is_real: Callable[[str], bool]  # whether a task's containers really run
    result: Callable[[str, str], str | None]  # of a container's own check; None where none runs: then it is healthy
    _running_since: dict[str, float] = field(default_factory=dict)

    def is_healthy(self, task_set: emulator.Record, task: emulator.Record) -> bool:
        """Whether all existing checks have passed (API reference, TaskSet, stabilityStatus)."""
        if self._update_containers(task) - {"HEALTHY"}:
            return False
        states = [self._target(entry["targetGroupArn"], task) for entry in task_set["loadBalancers"]]
        return all(state is not None and state.state in {"healthy", "unused"} for state in states)

    def failure(self, service: emulator.Record, task_set: emulator.Record, task: emulator.Record) -> Failure | None:
        """The reason to replace a task; None to keep it."""
        if task["lastStatus"] != "RUNNING":
            return None
        self._update_containers(task)
        if task.get("healthStatus") == "UNHEALTHY":
            return Failure("container health checks failed.", "Task failed container health checks")
        seconds = float(service.get("healthCheckGracePeriodSeconds") or 0)
        real = start_seconds(seconds, clock_factor=self.clock_factor)
        grace = real if self.is_real(task["taskArn"]) else seconds / self.clock_factor
        if self._age(task) < grace:
            return None
        for entry in task_set["loadBalancers"]:
            arn = entry["targetGroupArn"]
            state = self._target(arn, task)
            if state is not None and state.state == "unhealthy":
                text = f"(target-group {arn}) due to (reason {state.description})."
                return Failure(text, f"Task failed ELB health checks in (target-group {arn})")
        return None

    def _target(self, group_arn: str, task: emulator.Record) -> TargetState | None:
        address = emulator.task_address(task)
        states = self.board.states(group_arn)
        return next((state for key, state in states if key.address == address and state.drained_at is None), None)

    def _age(self, task: emulator.Record) -> float:
        """Seconds since the task was first seen running."""
        now, arn = time.monotonic(), task["taskArn"]
        if arn not in self._running_since:
            running = (it for it in self._running_since.items() if _is_running(it[0]))
            self._running_since = {**dict(running), arn: now}
        return now - self._running_since[arn]

    def _update_containers(self, task: emulator.Record) -> set[str]:
        """Record the results of the containers' health checks; return the results that decide about the task.

        Essential containers decide; others only where no essential one has a check (API reference, HealthCheck).
        """
        definition = emulator.find_task_definition(task["taskDefinitionArn"]) or {}
        named = {container["name"]: container for container in definition.get("containerDefinitions", [])}
        essential, nonessential = set[str](), set[str]()
        for container in task["containers"]:
            defined = named.get(container["name"], {})
            if defined.get("healthCheck"):
                container["healthStatus"] = self._result(container, defined["healthCheck"], task)
                (essential if defined.get("essential", True) else nonessential).add(container["healthStatus"])
        deciding = essential or nonessential
        task["healthStatus"] = next((s for s in ("UNHEALTHY", "UNKNOWN", "HEALTHY") if s in deciding), "UNKNOWN")
        return deciding

    def _result(self, container: emulator.Record, check: emulator.Record, task: emulator.Record) -> str:
        if not self.faults.find("never_healthy", container["image"]):
            return self.result(task["taskArn"], container["name"]) or "HEALTHY"
        patience = float(check.get("startPeriod") or 0)
        patience += float(check.get("interval") or INTERVAL) * float(check.get("retries") or RETRIES)
        return "UNHEALTHY" if self._age(task) > patience / self.clock_factor else "UNKNOWN"


def _is_running(task_arn: str) -> bool:
    return (emulator.tasks.get(task_arn) or {}).get("lastStatus") == "RUNNING"
