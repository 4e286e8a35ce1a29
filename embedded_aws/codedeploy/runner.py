"""Runs deployments, each on its own thread, and rolls back those that fail."""

import logging
import threading
import time
from collections.abc import Callable

from ministack.core.concurrency import spawn_background

from embedded_aws.codedeploy import app_spec, lifecycle
from embedded_aws.codedeploy.app_spec import HOOK_EVENTS
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.lifecycle import EarlyEnd, Hooks
from embedded_aws.codedeploy.release import Release
from embedded_aws.codedeploy.replacement import find_service
from embedded_aws.codedeploy.store import ACTIVE_STATUSES, Record, Store, now
from embedded_aws.codedeploy.targets import describe_task_sets, target_status
from embedded_aws.codedeploy.traffic import Traffic
from embedded_aws.core.context import ServerContext
from embedded_aws.ecs import emulator as ecs
from embedded_aws.ecs import task_sets

_TICK_SECONDS = 0.05
logger = logging.getLogger("embedded_aws.codedeploy")


def _undo(deployment: Record) -> None:
    """Shift all traffic back to the original task set and delete the replacement.

    It happens while the failed deployment ends, not in the deployment that is created for it: on AWS the weights are
    back when the failed one is ``Stopped``. Alarms do not matter then.
    """
    try:
        service = find_service(deployment)
    except EarlyEnd:
        return  # the service was deleted: nothing can be rolled back
    original = task_sets.find(service, deployment.get("original"))
    if original is None:
        return
    group = task_sets.group_of(original)
    traffic = Traffic.of(deployment["info"]["loadBalancerInfo"])
    traffic.shift_production(group, 100.0)
    traffic.shift_test(group)
    task_sets.promote(service, original)
    replacement = task_sets.find(service, deployment.get("replacement"))
    if replacement is not None:
        task_sets.drain(replacement)


def _carry_out_rollback(deployment: Record, *, is_ended: Callable[[], bool]) -> None:
    """Execute a rollback deployment: it calls no hooks, and waits until the original is stable.

    Raises EarlyEnd: the server ends, or the service was deleted.
    """
    info, events = deployment["info"], deployment["events"]
    info.setdefault("startTime", now())
    info["status"] = "InProgress"
    for event in events:
        if event["lifecycleEventName"] in HOOK_EVENTS:
            event["status"] = "Skipped"
    primary = task_sets.primary_of(find_service(deployment))
    if primary is not None:
        deployment["replacement"] = primary["id"]
    for event in events:
        if event["status"] != "Skipped":
            lifecycle.begin(event)
            while primary is not None and primary["stabilityStatus"] != "STEADY_STATE":
                if is_ended():
                    raise EarlyEnd(None)
                find_service(deployment)
                time.sleep(_TICK_SECONDS)
            lifecycle.end(event, "Succeeded")
    info["status"], info["completeTime"] = "Succeeded", now()


class DeploymentRunner:
    """Runs deployments."""

    def __init__(self, *, context: ServerContext, store: Store, configurations: Configurations) -> None:
        self._context = context
        self._store = store
        self._configurations = configurations
        self._hooks = Hooks(context)
        self._ended = threading.Event()
        # Creates the deployment that rolls a failed one back to a revision; `install` sets it: each needs the other.
        self.create_rollback: Callable[[Record, Record], Record] = lambda _triggering, _revision: {}

    def start(self, deployment: Record) -> None:
        """Begin or resume a deployment."""
        spawn_background(self._run, deployment, thread_name=f"codedeploy-{deployment['info']['deploymentId']}")

    def resume(self) -> None:
        """Resume the deployments that a restart interrupted, and delete task sets of a lost one."""
        with self._context.scope():
            for service in ecs.services.values():
                for task_set in service.get("taskSets", []):
                    owner = task_set.get("externalId")
                    # A killed server loses its last seconds, of each service different ones.
                    if owner and owner not in self._store.deployments and task_set["status"] == "ACTIVE":
                        task_sets.drain(task_set)
        for deployment in self._store.all_deployments():
            if deployment["info"]["status"] in ACTIVE_STATUSES:
                self.start(deployment)

    def stop(self) -> None:
        """Pause all deployments."""
        self._ended.set()

    def _run(self, deployment: Record) -> None:
        info = deployment["info"]
        with self._context.scope():
            try:
                self._carry_out(deployment)
                logger.info("deployment %s succeeded", info["deploymentId"])
            except EarlyEnd as early_end:
                self._end_early(deployment, early_end)
            except Exception:
                logger.exception("deployment %s", info["deploymentId"])
                self._end_early(deployment, lifecycle.failure("INTERNAL_ERROR", "There was an internal error."))
            self._count(deployment)

    def _carry_out(self, deployment: Record) -> None:
        info = deployment["info"]
        if info.get("rollbackInfo", {}).get("rollbackTriggeringDeploymentId"):
            _carry_out_rollback(deployment, is_ended=self._ended.is_set)
            return
        Release(
            deployment=deployment,
            group=self._store.group(info["applicationName"], info["deploymentGroupName"]),
            routing=self._configurations.find(info["deploymentConfigName"])["trafficRoutingConfig"],
            hooks=self._hooks,
            faults=self._context.faults,
            clock_factor=self._context.clock_factor,
            is_ended=self._ended.is_set,
        ).carry_out()

    def _end_early(self, deployment: Record, early_end: EarlyEnd) -> None:
        if early_end.status is None:
            return
        info = deployment["info"]
        logger.info("deployment %s: %s", info["deploymentId"], early_end.message)
        info["errorInformation"] = {"code": early_end.code, "message": early_end.message}
        rolls_back = self._wants_rollback(deployment, early_end)
        with self._store.lock:
            lifecycle.break_off(deployment["events"], early_end.diagnostics)
            if rolls_back:
                _undo(deployment)
                self._roll_back(deployment, early_end)
            info["status"], info["completeTime"] = early_end.status, now()

    def _wants_rollback(self, deployment: Record, early_end: EarlyEnd) -> bool:
        if "rollbackInfo" in deployment["info"]:
            return False
        if early_end.code == "MANUAL_STOP" and deployment["stop"]["rollback"]:
            return True
        configuration = deployment["info"]["autoRollbackConfiguration"]
        return bool(configuration.get("enabled")) and early_end.event in (configuration.get("events") or [])

    def _roll_back(self, deployment: Record, early_end: EarlyEnd) -> None:
        info = deployment["info"]
        identifier = self.create_rollback(deployment, self._revision_before(deployment))["deploymentId"]
        how = "terminated" if early_end.status == "Stopped" else "failed"
        info["rollbackInfo"] = {
            "rollbackDeploymentId": identifier,
            "rollbackMessage": f"Deployment {info['deploymentId']} {how}. Automatic rollback is triggered with a "
            f"DeploymentId {identifier}.",
        }

    def _revision_before(self, deployment: Record) -> Record:
        """Give the revision to roll back to; for a service that was never released it is composed."""
        if "previousRevision" in deployment["info"]:
            return dict(deployment["info"]["previousRevision"])
        service = ecs.find_service(deployment["cluster"], deployment["service"])
        original = service and (task_sets.find(service, deployment.get("original")) or task_sets.primary_of(service))
        if not original:
            return dict(deployment["info"]["revision"])  # the service was deleted: nothing runs again
        balancer = original["loadBalancers"][0]
        return app_spec.revision_of(original["taskDefinition"], balancer["containerName"], balancer["containerPort"])

    def _count(self, deployment: Record) -> None:
        """Count the targets: there is one."""
        overview = deployment["info"]["deploymentOverview"]
        status = target_status(deployment)
        for name in overview:
            overview[name] = int(name == status)
        if "task_sets" not in deployment:
            service = ecs.find_service(deployment["cluster"], deployment["service"])
            deployment["task_sets"] = describe_task_sets(deployment, service)
