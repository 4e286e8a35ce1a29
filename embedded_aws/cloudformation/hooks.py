"""Checks in front of what CloudFormation does to resources of one type, and what follows a change set."""

import re
from collections.abc import Callable
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.core.patching import Function, wrap_item

Properties = dict[str, Any]
_ID: Final = re.compile(rb"<Id>([^<]+)</Id>")


def before_create(resource_type: str, check: Callable[[Properties], None]) -> None:
    """Call ``check`` with the properties of each resource that is about to be created; what it raises is the reason."""

    def create(original: Function, logical_id: str, properties: Properties, stack: str) -> Any:
        check(properties)
        return original(logical_id, properties, stack)

    wrap_item(emulator.resource_handlers[resource_type], "create", create)


def before_update(resource_type: str, check: Callable[[str, Properties], None]) -> None:
    """Call ``check`` with physical id and new properties of each resource that is about to change in place."""

    def update(original: Function, physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        check(physical_id, new)
        return original(physical_id, old, new, *rest)

    wrap_item(emulator.resource_handlers[resource_type], "update", update)


def before_delete(resource_type: str, check: Callable[[str], None]) -> None:
    """Call ``check`` with the physical id of each resource that is about to be deleted."""

    def delete(original: Function, physical_id: str, properties: Properties, *rest: Any) -> Any:
        check(physical_id)
        return original(physical_id, properties, *rest)

    wrap_item(emulator.resource_handlers[resource_type], "delete", delete)


def after_change_set(then: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Call ``then`` with the request and the change set that CreateChangeSet has made."""

    def create(original: Function, params: dict[str, Any]) -> Any:
        answer = original(params)
        if made := _ID.search(answer[2]):
            then(params, emulator.change_sets[made.group(1).decode()])
        return answer

    wrap_item(emulator.actions, "CreateChangeSet", create)
