"""Experiment templates: their validation, their records, and their resource type."""

import secrets
import time
from copy import deepcopy
from functools import partial
from typing import Any, ClassVar, Final, cast

from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.refusal import Refusal, gone_is_fine
from embedded_aws.requests import property_rules

Record = dict[str, Any]
SERVICE: Final = "Fis"
# The emulated actions, with their target's key and resource type (AWS FIS user guide, "Actions reference").
ACTIONS: Final = {
    "aws:ecs:stop-task": ("Tasks", "aws:ecs:task"),
    "aws:rds:reboot-db-instances": ("DBInstances", "aws:rds:db"),
}
_invalid = partial(Refusal, SERVICE, "ValidationException")
_request = partial(request_of, "fis", "CreateExperimentTemplate")


class Records:
    """Records of the account, the newest last, which are kept across restarts."""

    kind: ClassVar[str]  # the resource type in ARNs, such as ``experiment-template``
    in_short: ClassVar[tuple[str, ...]]  # fields of a record in a list

    def __init__(self, context: ServerContext) -> None:
        self.arn = f"arn:aws:fis:{context.region}:{context.account}:{self.kind}/"
        self.kept: dict[str, Record] = {}

    def saved(self) -> JsonValue:
        """The records for the saved state."""
        return cast("JsonValue", deepcopy(self.kept))

    def restore(self, saved: JsonValue) -> None:
        """Take the records from the saved state."""
        self.kept = deepcopy(cast("dict[str, Record]", saved)) if isinstance(saved, dict) else {}

    def get(self, identifier: str) -> Record:
        """The record with an id. Raises Refusal: there is no such record."""
        if identifier not in self.kept:
            words = self.kind.replace("-", " ").capitalize()
            raise Refusal(SERVICE, "ResourceNotFoundException", f"{words} {identifier} not found.")
        return self.kept[identifier]

    def all(self) -> list[Record]:
        """All records, with the fields of a list."""
        return [{key: one[key] for key in self.in_short if key in one} for one in self.kept.values()]


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
        """Update a template in place. Raises Refusal: there is no such template, or FIS would not accept the change."""
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


def register_types(templates: Templates) -> None:
    """Let CloudFormation templates use experiment templates."""

    def create(_logical_id: str, properties: Properties, _stack: str) -> Created:
        made = templates.create(_request(properties))
        return made["id"], {"Id": made["id"]}

    def update(change: Change) -> Created:
        templates.update(change.physical_id, _request(change.new))
        return change.physical_id, {"Id": change.physical_id}

    def delete(physical_id: str, _properties: Properties) -> None:
        with gone_is_fine():
            templates.delete(physical_id)

    register(name="AWS::FIS::ExperimentTemplate", create=create, update=update, delete=delete)
