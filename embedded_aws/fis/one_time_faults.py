"""Faults that happen once, for users without an experiment template of FIS."""

import fnmatch

from embedded_aws.core.faults import Fault
from embedded_aws.database import emulator as database
from embedded_aws.database.instances import FAILS
from embedded_aws.ecs import emulator as ecs


def run_one_time_fault(fault: Fault) -> bool:
    """Cause a fault that happens once; False if the fault is of another kind."""
    if fault.kind == "task_stops":
        running = (
            task
            for task in list(ecs.tasks.values())
            if task["lastStatus"] == "RUNNING"
            and fnmatch.fnmatchcase(str(task.get("group", "")).removeprefix("service:"), fault.pattern)
        )
        if task := next(running, None):
            reason = "Task stopped by an exercise"
            ecs.call("StopTask", {"cluster": task["clusterArn"], "task": task["taskArn"], "reason": reason})
        return True
    if fault.kind in ("database_restarts", "database_fails"):
        for record in database.instances():
            name = record["DBInstanceIdentifier"]
            if fnmatch.fnmatchcase(name, fault.pattern):
                record[FAILS] = fault.kind == "database_fails"
                database.reboot_instance({"DBInstanceIdentifier": [name]})
        return True
    return False
