"""Checks before CloudFormation's operations on resources of a type, and callbacks after a change set."""

import re
from collections.abc import Callable
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.core.patching import Function, wrap_item

Properties = dict[str, Any]
_ID: Final = re.compile(rb"<Id>([^<]+)</Id>")


def before_create(resource_type: str, check: Callable[[Properties], None]) -> None:
    """Call ``check`` with the properties of each resource before its creation; its exception is the reason."""
    _before(resource_type, "create", lambda _logical_id, properties, _stack: check(properties))


def before_update(resource_type: str, check: Callable[[str, Properties], None]) -> None:
    """Call ``check`` with physical id and new properties of each resource before it is changed in place."""
    _before(resource_type, "update", lambda physical_id, _old, new, *_: check(physical_id, new))


def before_delete(resource_type: str, check: Callable[[str], None]) -> None:
    """Call ``check`` with the physical id of each resource before its deletion."""
    _before(resource_type, "delete", lambda physical_id, *_: check(physical_id))


def _before(resource_type: str, operation: str, check: Callable[..., None]) -> None:
    def call(original: Function, *arguments: Any) -> Any:
        check(*arguments)
        return original(*arguments)

    wrap_item(emulator.resource_handlers[resource_type], operation, call)


def after_change_set(callback: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Call ``then`` with the request and the new change set of CreateChangeSet."""

    def create(original: Function, params: dict[str, Any]) -> Any:
        answer = original(params)
        if made := _ID.search(answer[2]):
            callback(params, emulator.change_sets[made.group(1).decode()])
        return answer

    wrap_item(emulator.actions, "CreateChangeSet", create)
