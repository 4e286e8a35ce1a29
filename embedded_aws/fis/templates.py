"""Experiment templates: what they may say, and what is kept of them."""

import secrets
import time
from functools import partial
from typing import Final

from embedded_aws.core.refusal import Refusal
from embedded_aws.fis.records import SERVICE, Record, Records
from embedded_aws.requests import property_rules

# Actions that are emulated, and the type of what each is about (AWS FIS user guide, "Actions reference").
ACTIONS: Final = {
    "aws:ecs:stop-task": ("Tasks", "aws:ecs:task"),
    "aws:rds:reboot-db-instances": ("DBInstances", "aws:rds:db"),
}
_invalid = partial(Refusal, SERVICE, "ValidationException")


class Templates(Records):
    """The templates of the account."""

    kind = "experiment-template"
    in_short = ("id", "arn", "description", "creationTime", "lastUpdateTime", "tags")

    def create(self, request: Record) -> Record:
        """Keep a new one, unless FIS would not take it."""
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
        """Change one in place.

        Raises:
            Refusal: there is none, or FIS would not take the change.
        """
        changed = self.get(identifier) | request | {"lastUpdateTime": time.time()}
        _check(changed)
        self.kept[identifier] = changed
        return changed

    def delete(self, identifier: str) -> Record:
        """Delete one; the experiments that it began stay."""
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
