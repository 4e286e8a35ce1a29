"""Experiment templates: their validation and their records."""

import secrets
import time
from functools import partial
from typing import Final

from embedded_aws.core.refusal import Refusal
from embedded_aws.fis.records import SERVICE, Record, Records
from embedded_aws.requests import property_rules

# The emulated actions, with their target's key and resource type (AWS FIS user guide, "Actions reference").
ACTIONS: Final = {
    "aws:ecs:stop-task": ("Tasks", "aws:ecs:task"),
    "aws:rds:reboot-db-instances": ("DBInstances", "aws:rds:db"),
}
_invalid = partial(Refusal, SERVICE, "ValidationException")


class Templates(Records):
    """The experiment templates of the account."""

    kind = "experiment-template"
    in_short = ("id", "arn", "description", "creationTime", "lastUpdateTime", "tags")

    def create(self, request: Record) -> Record:
        """Store a new template, if FIS would accept it."""
        _check(request)
        identifier, now = f"EXT{secrets.token_hex(7)}", time.time()
        fields = ("description", "targets", "actions", "stopConditions", "roleArn", "tags", "logConfiguration")
        template = {key: request[key] for key in fields if key in request}
        options = {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
        template |= {
            "id": identifier,
            "arn": f"{self.arn}{identifier}",
            "creationTime": now,
            "lastUpdateTime": now,
            "tags": request.get("tags", {}),
            "experimentOptions": options | request.get("experimentOptions", {}),
            "targetAccountConfigurationsCount": 0,
        }
        self.kept[identifier] = template
        return template

    def update(self, identifier: str, request: Record) -> Record:
        """Update a template in place.

        Raises:
            Refusal: there is no such template, or FIS would not accept the change.
        """
        changed = self.get(identifier) | request | {"lastUpdateTime": time.time()}
        _check(changed)
        self.kept[identifier] = changed
        return changed

    def delete(self, identifier: str) -> Record:
        """Delete a template; its experiments are kept."""
        template = self.get(identifier)
        del self.kept[identifier]
        return template


def _check(request: Record) -> None:
    property_rules.check("FIS template", request)
    targets = request.get("targets", {})
    for name, action in request["actions"].items():
        key, kind = ACTIONS[action["actionId"]]
        target = targets.get(action.get("targets", {}).get(key, ""))
        if target is None:
            raise _invalid(f"Action {name} has no target {key}.")
        if target["resourceType"] != kind:
            raise _invalid(f"The target of action {name} must be of the resource type {kind}.")
