"""One ECS deployment: executes its lifecycle events, each of which can be repeated after a restart."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.codedeploy import app_spec, lifecycle
from embedded_aws.codedeploy.configurations import steps
from embedded_aws.codedeploy.lifecycle import EarlyEnd, Hooks
from embedded_aws.codedeploy.replacement import create_replacement, find_service, images_of, original_of
from embedded_aws.codedeploy.store import Record, now
from embedded_aws.codedeploy.targets import describe_task_sets
from embedded_aws.codedeploy.traffic import Traffic
from embedded_aws.core.faults import Faults
from embedded_aws.ecs import task_sets

_TICK_SECONDS = 0.05
_MINUTE = 60.0
_SECONDS_TO_BECOME_HEALTHY = 60 * _MINUTE
# A container does not start faster with a faster clock: the hour takes at least ten real minutes.
_FASTEST_INSTALL = 6.0
_SECONDS_BEFORE_START = 1.0


@dataclass
class Release:
    """Executes a deployment."""

    deployment: Record  # the record, which always has its progress
    group: Record  # its deployment group
    routing: Record  # how traffic is to move
    hooks: Hooks  # calls functions
    faults: Faults  # injected faults
    clock_factor: float  # emulated seconds per real second
    is_ended: Callable[[], bool]  # whether the server is ending; the deployment then goes on after its next start
    _percent: float = 0.0
    _events: dict[str, Callable[[], None]] = field(init=False)

    def __post_init__(self) -> None:
        """Map events to their actions; the other events only call a hook, if there is one."""
        self._info = self.deployment["info"]
        self._traffic = Traffic.of(self._info["loadBalancerInfo"])
        self._app_spec = app_spec.read(self._info["revision"])
        self._events = {
            "Install": self._install,
            "AllowTestTraffic": lambda: self._traffic.shift_test(task_sets.group_of(self._replacement())),
            "AllowTraffic": self._allow_traffic,
        }

    def carry_out(self) -> None:
        """Execute the remaining events. Raises EarlyEnd: the deployment ends early."""
        if self._info["status"] == "Created":
            self._wait(lambda: False, _SECONDS_BEFORE_START)
            self._info["startTime"] = now()
        self._info["status"] = "InProgress"
        for event in self.deployment["events"]:
            name = event["lifecycleEventName"]
            if event["status"] == "Succeeded":
                continue
            if name == "BeforeAllowTraffic":
                self._wait_until_ready()
            lifecycle.begin(event)
            diagnostics = None
            if name in self._events:
                self._events[name]()
            elif name in self._app_spec.hooks:
                diagnostics = self._call_hook(name, self._app_spec.hooks[name])
            self._check()
            lifecycle.end(event, "Succeeded", diagnostics)
        self._end_original()

    def _install(self) -> None:
        service = find_service(self.deployment)
        original = original_of(self.deployment, service, self._traffic)
        # Only a listener's groups are checked, so production lists the new group at once, with weight 0.
        self._traffic.shift_production(task_sets.group_of(original), 100.0)
        replacement = create_replacement(self.deployment, service, self._app_spec, self._traffic)
        if not self._wait(
            lambda: self._replacement()["stabilityStatus"] == "STEADY_STATE",
            _SECONDS_TO_BECOME_HEALTHY,
            speed=lambda: self._install_speed(replacement),
        ):
            raise lifecycle.failure(
                "TIMEOUT",
                "The deployment timed out while waiting for the replacement task set to become healthy. "
                "This time out period is 60 minutes.",
            )

    def _install_speed(self, replacement: Record) -> float:
        if self._is_held():
            return 0.0
        if any(self.faults.find("never_healthy", image) for image in images_of(replacement)):
            return self.clock_factor
        return min(self.clock_factor, _FASTEST_INSTALL)

    def _allow_traffic(self) -> None:
        started_at = self.deployment.setdefault("shift_started_at", time.time())
        for step in steps(self.routing):
            self._wait_until(started_at, step.after_seconds)
            self._traffic.shift_production(task_sets.group_of(self._replacement()), step.percent)
            self._percent = step.percent
            self._check()
            started_at += self._wait_while_held()
            self.deployment["shift_started_at"] = started_at
        task_sets.promote(find_service(self.deployment), self._replacement())

    def _wait_while_held(self) -> float:
        """Wait while the fault ``hold`` lasts; returns for how many seconds, which do not shorten the next wait."""
        since = time.time()
        while self._is_held():
            self._check()
            time.sleep(_TICK_SECONDS)
        return time.time() - since

    def _is_held(self) -> bool:
        fault = self.faults.find("hold", self._info["applicationName"])
        return fault is not None and self._percent >= fault.at_percent

    def _replacement(self) -> Record:
        task_set = task_sets.find(find_service(self.deployment), self.deployment["replacement"])
        if task_set is None:
            raise lifecycle.failure("ECS_UPDATE_ERROR", "The replacement task set does not exist any more.")
        return task_set

    def _call_hook(self, event: str, function: str) -> Record:
        self.hooks.call(self.deployment, event, function)
        hook: Record = self.deployment["hook"]
        # A function's own time is real; only the wait for a missing answer follows the clock.
        self._wait(
            lambda: bool(hook.get("status") or "error" in hook),
            lifecycle.SECONDS_TO_ANSWER,
            speed=lambda: 1.0 if hook.get("runs") else self.clock_factor,
        )
        result = lifecycle.diagnostics(function, hook)
        if hook.get("status") != "Succeeded":
            raise lifecycle.failure(
                "HOOK_EXECUTION_FAILURE",
                f"The deployment failed because the function {function} of the lifecycle event {event} "
                "did not report success.",
                diagnostics=result,
            )
        return result

    def _wait_until_ready(self) -> None:
        """Wait for ContinueDeployment, where the group requires it."""
        ready_option = self._info["blueGreenDeploymentConfiguration"].get("deploymentReadyOption") or {}
        minutes = float(ready_option.get("waitTimeInMinutes") or 0)
        if ready_option.get("actionOnTimeout") != "STOP_DEPLOYMENT" and not minutes:
            return
        if self.deployment.get("continued") == "READY_WAIT":
            return
        self._info["status"], self.deployment["waiting"] = "Ready", "READY_WAIT"
        started_at = self.deployment.setdefault("ready_at", time.time())
        continued = self._wait_until(
            started_at, minutes * _MINUTE, or_when=lambda: self.deployment.get("continued") == "READY_WAIT"
        )
        self.deployment["waiting"] = None
        if not continued and ready_option.get("actionOnTimeout") == "STOP_DEPLOYMENT":
            message = "The deployment was stopped because traffic was not rerouted in the time of the wait."
            raise lifecycle.stop("TIMEOUT", message)
        self._info["status"] = "InProgress"

    def _end_original(self) -> None:
        terminate = self._info["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]
        if terminate.get("action", "TERMINATE") == "TERMINATE":
            self._info["instanceTerminationWaitTimeStarted"] = True
            self.deployment["waiting"] = "TERMINATION_WAIT"
            started_at = self.deployment.setdefault("termination_at", time.time())
            self._wait_until(
                started_at,
                float(terminate.get("terminationWaitTimeInMinutes") or 0) * _MINUTE,
                or_when=lambda: self.deployment.get("continued") == "TERMINATION_WAIT",
            )
            self.deployment["waiting"] = None
            service = find_service(self.deployment)
            self.deployment["task_sets"] = describe_task_sets(self.deployment, service)
            original = task_sets.find(service, self.deployment["original"])
            if original is not None:
                task_sets.drain(original)
        self._info["status"], self._info["completeTime"] = "Succeeded", now()

    def _wait_until(self, started_at: float, seconds: float, *, or_when: Callable[[], bool] = lambda: False) -> bool:
        """Wait until emulated seconds have passed since a time; returns whether the condition became true before."""
        left = seconds - (time.time() - started_at) * self.clock_factor
        return self._wait(or_when, max(0.0, left))

    def _wait(self, condition: Callable[[], bool], seconds: float, *, speed: Callable[[], float] | None = None) -> bool:
        """Wait some emulated seconds, by ``speed`` or the clock, for a condition; returns whether it became true."""
        left, before = seconds, time.monotonic()
        while not condition():
            self._check()
            passed, before = time.monotonic() - before, time.monotonic()
            left -= passed * (speed() if speed else self.clock_factor)
            if left <= 0:
                return False
            time.sleep(_TICK_SECONDS)
        return True

    def _check(self) -> None:
        """End the deployment early if there is a reason. Raises EarlyEnd: there is a reason."""
        if self.is_ended():
            raise EarlyEnd(None)
        if self.deployment.get("stop"):
            raise lifecycle.stop("MANUAL_STOP", "The deployment was stopped by a user.")
        names = _watched_alarms(self.group, self._info)
        self._set_injected_alarms(names)
        if in_alarm := _in_alarm(names):
            listed = " ".join(f"<{name}>" for name in in_alarm)
            message = (
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
                f"the affected deployments have been stopped. Activated alarms: {listed}"
            )
            raise EarlyEnd("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

    def _set_injected_alarms(self, names: list[str]) -> None:
        for name in names:
            fault = self.faults.find("alarm", name)
            if fault is not None and self._percent >= fault.at_percent:
                request = {"AlarmName": name, "StateValue": "ALARM", "StateReason": "A fault was injected."}
                cloudwatch.set_alarm_state({}, request, False, True)


def _watched_alarms(group: Record, info: Record) -> list[str]:
    configuration = info.get("overrideAlarmConfiguration") or group["alarmConfiguration"]
    if not configuration.get("enabled"):
        return []
    return [alarm["name"] for alarm in configuration.get("alarms") or []]


def _in_alarm(names: list[str]) -> list[str]:
    stores = (cloudwatch.alarms, cloudwatch.composite_alarms)
    found = ((name, store.get(name)) for name in names for store in stores)
    return [name for name, alarm in found if alarm and alarm.get("StateValue") == "ALARM"]
