"""Experiments: each runs the actions of a template, unless an alarm says no.

A stop condition that sounds already lets an experiment stop before its first action (AWS FIS user guide, "Stop
conditions").
"""

import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Final, cast

from embedded_aws.core.context import ServerContext
from embedded_aws.core.emulator import scope
from embedded_aws.core.json_value import JsonValue
from embedded_aws.core.refusal import Refusal
from embedded_aws.fis import emulator
from embedded_aws.fis.templates import ACTIONS, SERVICE, Record, Templates

_ENDED: Final = ("completed", "stopped", "failed", "cancelled")
_HALTED: Final = "Experiment halted by stop condition."


class Experiments:
    """The experiments of the account, the newest last."""

    def __init__(self, templates: Templates, context: ServerContext) -> None:
        self._templates = templates
        self._scope = (context.account, context.region)
        self._changed = context.changed
        self._arn = f"arn:aws:fis:{context.region}:{context.account}:experiment/"
        self._kept: dict[str, Record] = {}

    def saved(self) -> JsonValue:
        """Give them to be saved."""
        return cast("JsonValue", deepcopy(self._kept))

    def restore(self, saved: JsonValue) -> None:
        """Take them back; what was running has failed with the server."""
        self._kept = deepcopy(cast("dict[str, Record]", saved)) if isinstance(saved, dict) else {}
        for experiment in self._kept.values():
            if experiment["state"]["status"] not in _ENDED:
                experiment["state"] = {"status": "failed", "reason": "Internal error."}

    def start(self, template_id: str, tags: Mapping[str, str]) -> Record:
        """Begin one; it goes on by itself.

        Raises:
            Refusal: there is no such template.
        """
        template = self._templates.get(template_id)
        identifier = f"EXP{secrets.token_hex(7)}"
        experiment = deepcopy({key: template[key] for key in ("targets", "actions", "stopConditions", "roleArn")})
        for action in experiment["actions"].values():
            action["state"] = {"status": "pending", "reason": "Initial state"}
        options = template["experimentOptions"] | {"actionsMode": "run-all"}
        experiment |= {
            "id": identifier,
            "arn": f"{self._arn}{identifier}",
            "experimentTemplateId": template_id,
            "state": {"status": "initiating", "reason": "Experiment is initiating."},
            "creationTime": time.time(),
            "startTime": time.time(),
            "tags": dict(tags),
            "experimentOptions": options,
            "targetAccountConfigurationsCount": 0,
        }
        self._kept[identifier] = experiment
        first = deepcopy(experiment)
        threading.Thread(target=self._run, args=(experiment,), name="fis-experiment", daemon=True).start()
        return first

    def get(self, identifier: str) -> Record:
        """One of them.

        Raises:
            Refusal: there is none.
        """
        if identifier not in self._kept:
            raise Refusal(SERVICE, "ResourceNotFoundException", f"Experiment {identifier} not found.")
        return self._kept[identifier]

    def stop(self, identifier: str) -> Record:
        """End one. What its actions have done stays done.

        Raises:
            Refusal: there is none, or it has ended.
        """
        experiment = self.get(identifier)
        if experiment["state"]["status"] in _ENDED:
            raise Refusal(SERVICE, "ValidationException", "The experiment is not running.")
        _end(experiment, "stopped", "Experiment stopped by user.")
        return experiment

    def all(self) -> list[Record]:
        """All, in short."""
        fields = ("id", "arn", "experimentTemplateId", "state", "creationTime", "tags", "experimentOptions")
        return [{key: one[key] for key in fields} for one in self._kept.values()]

    def _run(self, experiment: Record) -> None:
        with scope(*self._scope):
            if _sounds(experiment["stopConditions"]):
                _end(experiment, "stopped", _HALTED)
            else:
                experiment["state"] = {"status": "running", "reason": "Experiment is running."}
                self._act(experiment)
        self._changed()

    def _act(self, experiment: Record) -> None:
        for action in experiment["actions"].values():
            if experiment["state"]["status"] in _ENDED:
                return
            key, _kind = ACTIONS[action["actionId"]]
            target = experiment["targets"][action["targets"][key]]
            action["startTime"] = time.time()
            resolved = _chosen(target, _RESOLVE[action["actionId"]](target))
            if not resolved:
                action["state"] = {"status": "failed", "reason": "Target resolution returned empty set."}
                _end(experiment, "failed", "Target resolution returned empty set.")
                return
            statuses = [_ACT[action["actionId"]](one) for one in resolved]
            good = all(status < 400 for status in statuses)
            action["state"] = {
                "status": "completed" if good else "failed",
                "reason": "Action was completed." if good else "The action failed.",
            }
            action["endTime"] = time.time()
            if not good:
                _end(experiment, "failed", "An action failed.")
                return
        _end(experiment, "completed", "Experiment completed.")


def _end(experiment: Record, status: str, reason: str) -> None:
    experiment["state"] = {"status": status, "reason": reason}
    experiment["endTime"] = time.time()
    for action in experiment["actions"].values():
        if action["state"]["status"] == "pending":
            action["state"] = {"status": "cancelled", "reason": reason}


def _sounds(conditions: list[Record]) -> bool:
    names = {one["value"].rpartition(":alarm:")[2] for one in conditions if one["source"] != "none"}
    return any(alarm["AlarmName"] in names and alarm["StateValue"] == "ALARM" for alarm in emulator.alarms.values())


def _chosen(target: Record, found: list[str]) -> list[str]:
    mode, _, count = str(target["selectionMode"]).rstrip(")").partition("(")
    if mode == "ALL":
        return found
    most = int(count) if mode == "COUNT" else math.floor(len(found) * int(count) / 100)
    return found[:most]


def _tasks(target: Record) -> list[str]:
    wanted, parameters = target.get("resourceTags", {}), target.get("parameters", {})
    return [
        arn
        for arn, task in emulator.tasks.items()
        if task["lastStatus"] == "RUNNING"
        and (not target.get("resourceArns") or arn in target["resourceArns"])
        and parameters.get("cluster", task["clusterArn"]) in (task["clusterArn"], task["clusterArn"].rpartition("/")[2])
        and ("service" not in parameters or task.get("group") == f"service:{parameters['service'].rpartition('/')[2]}")
        and wanted.items() <= {one["key"]: one["value"] for one in task.get("tags", [])}.items()
    ]


def _stop_task(arn: str) -> int:
    task = emulator.tasks[arn]
    request = {"cluster": task["clusterArn"], "task": arn, "reason": "Task stopped by AWS FIS"}
    return emulator.stop_task(request)[0]


def _reboot(arn: str) -> int:
    return emulator.reboot_instance({"DBInstanceIdentifier": [arn.rpartition(":db:")[2]]})[0]


_RESOLVE: Final[dict[str, Callable[[Record], list[str]]]] = {
    "aws:ecs:stop-task": _tasks,
    "aws:rds:reboot-db-instances": lambda target: list(target.get("resourceArns", [])),
}
_ACT: Final[dict[str, Callable[[str], int]]] = {
    "aws:ecs:stop-task": _stop_task,
    "aws:rds:reboot-db-instances": _reboot,
}
