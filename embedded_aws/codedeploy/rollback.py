"""Rollback: production traffic on the original task set again, and the deployment that CodeDeploy creates for it."""

import time
from collections.abc import Callable

from embedded_aws.codedeploy import lifecycle
from embedded_aws.codedeploy.app_spec import HOOK_EVENTS
from embedded_aws.codedeploy.early_end import EarlyEnd
from embedded_aws.codedeploy.replacement import find_service
from embedded_aws.codedeploy.store import Record, now
from embedded_aws.codedeploy.traffic import Traffic
from embedded_aws.ecs import task_sets

_TICK_SECONDS = 0.05


def undo(deployment: Record) -> None:
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


def carry_out(deployment: Record, *, is_ended: Callable[[], bool]) -> None:
    """Execute a rollback deployment: it calls no hooks, and waits until the original is stable.

    Raises:
        EarlyEnd: the server ends, or the service was deleted.
    """
    info, events = deployment["info"], deployment["events"]
    info.setdefault("startTime", now())
    info["status"] = "InProgress"
    lifecycle.skip(events, HOOK_EVENTS)
    primary = task_sets.primary_of(find_service(deployment))
    if primary is not None:
        deployment["replacement"] = primary["id"]
    for event in events:
        if event["status"] != "Skipped":
            lifecycle.begin(event)
            while primary is not None and primary["stabilityStatus"] != "STEADY_STATE":
                if is_ended():
                    raise EarlyEnd.pause()
                find_service(deployment)
                time.sleep(_TICK_SECONDS)
            lifecycle.end(event, "Succeeded")
    info["status"], info["completeTime"] = "Succeeded", now()
