"""Experiments: each runs the actions of a template, unless a stop condition is met; and faults that happen once."""

import fnmatch
import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Final

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.faults import Fault
from embedded_aws.core.refusal import Refusal, query_call
from embedded_aws.database import emulator as database
from embedded_aws.database.instances import FAILS
from embedded_aws.ecs import emulator as ecs
from embedded_aws.fis.templates import ACTIONS, SERVICE, Record, Records, Templates

_ENDED: Final = ("completed", "stopped", "failed", "cancelled")
_HALTED: Final = "Experiment halted by stop condition."


class Experiments(Records):
    """The experiments of the account."""

    kind = "experiment"
    in_short = ("id", "arn", "experimentTemplateId", "state", "creationTime", "tags", "experimentOptions")

    def __init__(self, templates: Templates, context: ServerContext) -> None:
        super().__init__(context)
        self._templates, self._context = templates, context
        self._changing = threading.Lock()  # an experiment ends once: completed, failed or stopped

    def restore(self, saved: JsonValue) -> None:
        """Take the experiments from the saved state; those that were running have failed with the server."""
        super().restore(saved)
        for experiment in self.kept.values():
            if experiment["state"]["status"] not in _ENDED:
                experiment["state"] = {"status": "failed", "reason": "Internal error."}

    def start(self, template_id: str, tags: Mapping[str, str]) -> Record:
        """Start an experiment, which runs in the background. Raises Refusal: there is no such template."""
        template = self._templates.get(template_id)
        identifier = f"EXP{secrets.token_hex(7)}"
        experiment = deepcopy({key: template[key] for key in ("targets", "actions", "stopConditions", "roleArn")})
        for action in experiment["actions"].values():
            action["state"] = {"status": "pending", "reason": "Initial state"}
        options = template["experimentOptions"] | {"actionsMode": "run-all"}
        experiment |= {
            "id": identifier,
            "arn": f"{self.arn}{identifier}",
            "experimentTemplateId": template_id,
            "state": {"status": "initiating", "reason": "Experiment is initiating."},
            "creationTime": time.time(),
            "startTime": time.time(),
            "tags": dict(tags),
            "experimentOptions": options,
            "targetAccountConfigurationsCount": 0,
        }
        self.kept[identifier] = experiment
        first = deepcopy(experiment)
        threading.Thread(target=self._run, args=(experiment,), name="fis-experiment", daemon=True).start()
        return first

    def stop(self, identifier: str) -> Record:
        """Stop a running experiment. The effects of its actions are not undone."""
        experiment = self.get(identifier)
        if not self._change(experiment, "stopped", "Experiment stopped by user."):
            raise Refusal(SERVICE, "ValidationException", "The experiment is not running.")
        return experiment

    def _run(self, experiment: Record) -> None:
        with self._context.scope():
            if _is_in_alarm(experiment["stopConditions"]):
                self._change(experiment, "stopped", _HALTED)
            elif self._change(experiment, "running", "Experiment is running."):
                self._act(experiment)
        self._context.changed()

    def _act(self, experiment: Record) -> None:
        for action in experiment["actions"].values():
            if experiment["state"]["status"] in _ENDED:
                return
            key, _kind = ACTIONS[action["actionId"]]
            target = experiment["targets"][action["targets"][key]]
            action["startTime"] = time.time()
            resolved = _select_targets(target, _RESOLVE[action["actionId"]](target))
            if not resolved:
                action["state"] = {"status": "failed", "reason": "Target resolution returned empty set."}
                self._change(experiment, "failed", "Target resolution returned empty set.")
                return
            try:
                for one in resolved:
                    _ACT[action["actionId"]](one)
            except Refusal:
                action["state"] = {"status": "failed", "reason": "The action failed."}
                self._change(experiment, "failed", "An action failed.")
                return
            finally:
                action["endTime"] = time.time()
            action["state"] = {"status": "completed", "reason": "Action was completed."}
        self._change(experiment, "completed", "Experiment completed.")

    def _change(self, experiment: Record, status: str, reason: str) -> bool:
        """Change the state of an experiment; False if it has ended already."""
        with self._changing:
            if experiment["state"]["status"] in _ENDED:
                return False
            experiment["state"] = {"status": status, "reason": reason}
            if status in _ENDED:
                experiment["endTime"] = time.time()
                for action in experiment["actions"].values():
                    if action["state"]["status"] == "pending":
                        action["state"] = {"status": "cancelled", "reason": reason}
            return True


def _is_in_alarm(conditions: list[Record]) -> bool:
    """Whether it stops before its first action (AWS FIS user guide, "Stop conditions")."""
    names = {one["value"].rpartition(":alarm:")[2] for one in conditions if one["source"] != "none"}
    return any(alarm["AlarmName"] in names and alarm["StateValue"] == "ALARM" for alarm in cloudwatch.alarms.values())


def _select_targets(target: Record, found: list[str]) -> list[str]:
    mode, _, count = str(target["selectionMode"]).rstrip(")").partition("(")
    if mode == "ALL":
        return found
    most = int(count) if mode == "COUNT" else math.floor(len(found) * int(count) / 100)
    return found[:most]


def _tasks(target: Record) -> list[str]:
    tags, parameters = target.get("resourceTags", {}), target.get("parameters", {})
    return [
        arn
        for arn, task in ecs.tasks.items()
        if task["lastStatus"] == "RUNNING"
        and (not target.get("resourceArns") or arn in target["resourceArns"])
        and parameters.get("cluster", task["clusterArn"]) in (task["clusterArn"], task["clusterArn"].rpartition("/")[2])
        and ("service" not in parameters or task.get("group") == f"service:{parameters['service'].rpartition('/')[2]}")
        and tags.items() <= {one["key"]: one["value"] for one in task.get("tags", [])}.items()
    ]


_RESOLVE: Final[dict[str, Callable[[Record], list[str]]]] = {
    "aws:ecs:stop-task": _tasks,
    "aws:rds:reboot-db-instances": lambda target: list(target.get("resourceArns", [])),
}
_ACT: Final[dict[str, Callable[[str], object]]] = {
    "aws:ecs:stop-task": lambda arn: ecs.call(
        "StopTask", {"cluster": ecs.tasks[arn]["clusterArn"], "task": arn, "reason": "Task stopped by AWS FIS"}
    ),
    "aws:rds:reboot-db-instances": lambda arn: query_call(
        "Rds", database.reboot_instance, {"DBInstanceIdentifier": arn.rpartition(":db:")[2]}
    ),
}


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
