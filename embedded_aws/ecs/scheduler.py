"""The scheduler of services under CODE_DEPLOY: healthy tasks in every task set, spread over availability zones."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.core.concurrency import spawn_background

from embedded_aws.core.faults import Faults
from embedded_aws.core.patching import Function
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator, events, task_sets
from embedded_aws.ecs.task_health import TaskHealth

# ECS's message for a lost host is not documented for Fargate; this is the message for a failed task.
_REASON = "Task failed: its availability zone is not available"
TICK_SECONDS = 0.1
_MOST_SECONDS_BETWEEN_STARTS = 900.0  # "up to 15 minutes" (Amazon ECS developer guide, "Service throttle logic")
_STEADY = "has reached a steady state."

logger = logging.getLogger("embedded_aws.ecs")


def _spread(
    faults: Faults, network: emulator.Record, live: Iterable[emulator.Record], count: int
) -> Iterator[tuple[emulator.Record, int]]:
    """Network configurations with one subnet each, and the number of tasks to start in it: first where the fewest run.

    Source: Amazon ECS developer guide, "Amazon ECS task placement": Fargate spreads tasks across availability zones.
    """
    subnets = network.get("awsvpcConfiguration", {}).get("subnets", [])
    available = [subnet for subnet in subnets if faults.find("zone_lost", _zone(subnet)) is None]
    if not available:  # RunTask refuses this
        yield _replace_subnets(network, []), count
        return
    running = Counter(task.get("availabilityZone", "") for task in live)
    chosen: Counter[str] = Counter()
    for _ in range(count):
        subnet = min(available, key=lambda one: running[_zone(one)])
        running[_zone(subnet)] += 1
        chosen[subnet] += 1
    yield from ((_replace_subnets(network, [subnet]), number) for subnet, number in chosen.items())


def _zone(subnet: str) -> str:
    return str((ec2.subnets.get(subnet) or {}).get("AvailabilityZone", ""))


def _replace_subnets(network: emulator.Record, subnets: list[str]) -> emulator.Record:
    return network | {"awsvpcConfiguration": network.get("awsvpcConfiguration", {}) | {"subnets": subnets}}


@dataclass
class _Throttle:
    """The wait before the next start, longer after each consecutive failed task."""

    failures: int = 0
    not_before: float = 0.0


@dataclass
class Scheduler:
    """Starts and stops tasks; ``clock_factor`` shortens its waits, and ``faults`` may remove a zone."""

    health: TaskHealth
    clock_factor: float
    faults: Faults
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _throttles: dict[str, _Throttle] = field(default_factory=dict)

    def install(self) -> None:
        """Replace the emulator's scheduler for services under CODE_DEPLOY."""
        emulator.reconcile_tasks.wrap(self._reconcile)
        emulator.sync_targets.wrap(self._sync_targets)
        emulator.record_task_failure.wrap(self._record_failure)

    def tick(self) -> None:
        """Schedule all services once."""
        for key, service in list(emulator.services.items()):
            if service["status"] == "ACTIVE" and emulator.is_code_deploy(service):
                try:
                    self.schedule(key, service)
                except Exception:
                    # A service that cannot be scheduled, as after its cluster's deletion, must not block the others.
                    logger.exception("scheduling %s", key)
        task_sets.forget_old_tasks()

    def schedule(self, key: str, service: emulator.Record) -> None:
        """Bring a service closer to its wanted state, without waiting."""
        with self._lock:
            task_sets.ensure_primary(service)
            for task_set in list(service["taskSets"]):
                self._replace_unhealthy(service, task_set)
                self._start_or_stop(key, service, task_set)
            emulator.refresh_service(key)
            for task_set in service["taskSets"]:
                self._update_stability(service, task_set)
            service["taskSets"] = [
                it for it in service["taskSets"] if it["status"] != "DRAINING" or task_sets.live_tasks(it)
            ]
            self._update_steady_event(service)

    def _replace_unhealthy(self, service: emulator.Record, task_set: emulator.Record) -> None:
        live = task_sets.live_tasks(task_set)
        lost = [task for task in live if self.faults.find("zone_lost", task.get("availabilityZone", ""))]
        if lost:
            self._stop(service, task_set, lost, _REASON)
        port = next((entry["containerPort"] for entry in task_set["loadBalancers"]), None)
        for task in task_sets.live_tasks(task_set):
            if failure := self.health.failure(service, task_set, task):
                events.add(service, f"(port {port}) is unhealthy: {failure.event}", task_set)
                self._failed(task_set)
                self._stop(service, task_set, [task], failure.stopped_reason)

    def _start_or_stop(self, key: str, service: emulator.Record, task_set: emulator.Record) -> None:
        live = task_sets.live_tasks(task_set)
        desired = task_sets.wanted_count(service, task_set)
        task_set["computedDesiredCount"] = desired
        if len(live) > desired:
            reason = f"Scaling activity initiated by (taskSet {task_set['id']})"
            self._stop(service, task_set, live[desired:], reason)
        elif len(live) < desired and time.monotonic() >= self._throttle(task_set).not_before:
            self._start(key, service, task_set, desired - len(live))

    def _start(self, key: str, service: emulator.Record, task_set: emulator.Record, count: int) -> None:
        live = task_sets.live_tasks(task_set)
        tasks: list[emulator.Record] = []
        for network, number in _spread(self.faults, task_set["networkConfiguration"], live, count):
            request = {
                "cluster": key.partition("/")[0],
                "taskDefinition": task_set["taskDefinition"],
                "count": number,
                "group": f"service:{service['serviceName']}",
                "startedBy": task_set["id"],
                "launchType": task_set["launchType"],
                "capacityProviderStrategy": task_set["capacityProviderStrategy"],
                "platformVersion": task_set["platformVersion"],
                "networkConfiguration": network,
                "enableExecuteCommand": service.get("enableExecuteCommand", False),
                "tags": service.get("tags", []) if service.get("propagateTags") == "SERVICE" else [],
                "_deploymentId": task_set["id"],
            }
            tasks += emulator.call("RunTask", request)["tasks"]
        events.add(service, f"has started {len(tasks)} tasks: {events.task_list(tasks)}.", task_set)

    def _stop(
        self, service: emulator.Record, task_set: emulator.Record, tasks: list[emulator.Record], reason: str
    ) -> None:
        events.add(service, f"has begun draining connections on {len(tasks)} tasks.", task_set)
        events.add(service, f"has stopped {len(tasks)} running tasks: {events.task_list(tasks)}.", task_set)
        for task in tasks:
            if emulator.mark_stopped(task, reason):
                # Its last requests may take long and must not delay the scheduler.
                spawn_background(emulator.clean_up, task, thread_name="ecs-clean-up")

    def _update_stability(self, service: emulator.Record, task_set: emulator.Record) -> None:
        live = task_sets.live_tasks(task_set)
        running = [task for task in live if task["lastStatus"] == "RUNNING"]
        task_set["runningCount"], task_set["pendingCount"] = len(running), len(live) - len(running)
        healthy = all(self.health.is_healthy(task_set, task) for task in running)
        steady = len(running) == len(live) == task_sets.wanted_count(service, task_set) and healthy
        status = "STEADY_STATE" if steady else "STABILIZING"
        if steady:
            self._throttles.pop(task_set["id"], None)
        if status != task_set["stabilityStatus"]:
            task_set["stabilityStatus"], task_set["stabilityStatusAt"] = status, time.time()

    def _update_steady_event(self, service: emulator.Record) -> None:
        steady = all(task_set["stabilityStatus"] == "STEADY_STATE" for task_set in service["taskSets"])
        if steady and not service.get("_steady"):
            events.add(service, _STEADY)
        service["_steady"] = steady

    def _throttle(self, task_set: emulator.Record) -> _Throttle:
        return self._throttles.setdefault(task_set["id"], _Throttle())

    def _failed(self, task_set: emulator.Record) -> None:
        throttle = self._throttle(task_set)
        throttle.failures += 1
        wait = min(10.0 * 2.0**throttle.failures, _MOST_SECONDS_BETWEEN_STARTS) / self.clock_factor
        throttle.not_before = time.monotonic() + wait

    def _reconcile(self, original: Function, cluster: str, key: str) -> Any:
        service = emulator.services.get(key)
        if service is None or not emulator.is_code_deploy(service):
            return original(cluster, key)
        if service["status"] == "ACTIVE":
            self.schedule(key, service)
        return None

    def _sync_targets(self, original: Function, cluster: str, service: emulator.Record) -> Any:
        if not emulator.is_code_deploy(service):
            return original(cluster, service)
        with self._lock:
            for arn, (came, left) in task_sets.publish_targets(service).items():
                if came:
                    events.add(service, f"registered {came} targets in (target-group {arn})")
                if left:
                    events.add(service, f"deregistered {left} targets in (target-group {arn})")
        return None

    def _record_failure(self, original: Function, task: emulator.Record, **kwargs: Any) -> Any:
        service = emulator.services.get(emulator.service_key(task))
        task_set = service and task_sets.find(service, task.get("_deployment_id"))
        if not service or not task_set:
            return original(task, **kwargs)
        with self._lock:
            self._failed(task_set)
        return None
