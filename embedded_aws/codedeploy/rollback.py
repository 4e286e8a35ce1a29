"""The way back: production on the original task set again, and the deployment that CodeDeploy makes of that."""

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
    """Give all traffic back to the original task set and end the replacement.

    It happens while the broken deployment ends, not in the deployment that is made for it: on AWS the weights are
    back when the broken one says ``Stopped``. Alarms play no part in it.
    """
    try:
        service = find_service(deployment)
    except EarlyEnd:
        return  # the service is gone, and with it what could be undone
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
    """Carry out the deployment that stands for a rollback: it calls no hooks, and waits for the original to be steady.

    Raises:
        EarlyEnd: the server ends, or the service is gone.
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
