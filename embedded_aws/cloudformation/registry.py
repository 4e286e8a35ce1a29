"""Adds resource types to the emulator's CloudFormation, and checks before its operations on resources of a type."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.responses import now_iso

from embedded_aws.cloudformation import emulator
from embedded_aws.core.patching import Function, wrap_item
from ops.templates.schemas import schema

# A template's properties after all references are resolved: JSON whose structure depends on the type.
Properties = dict[str, Any]
Created = tuple[str, dict[str, str]]  # The values of ``Ref`` and of ``Fn::GetAtt``

_REGION: Final = "us-east-1"  # has all types; a type's replacements and tags are the same in all regions
_ID: Final = re.compile(rb"<Id>([^<]+)</Id>")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of a resource's properties in place."""

    physical_id: str
    logical_id: str
    stack: str
    old: Properties
    new: Properties


def register(
    *,
    name: str,
    create: Callable[[str, Properties, str], Created],
    delete: Callable[[str, Properties], object],
    update: Callable[[Change], Created] | None = None,
) -> None:
    """Let templates use a resource type. Its schema determines which changes replace it, and its property for tags.

    Args:
        name: the type, such as ``AWS::EC2::EIP``.
        create: gets logical id, properties and stack name.
        delete: gets the value of ``Ref`` and the properties; a resource that is already gone is no error.
        update: changes the resource in place; None where every change replaces it.
    """
    handlers: dict[str, object] = {"create": create, "delete": delete}
    if update is not None:
        handlers["update"] = _update_handler(update)
        handlers["update_with_logical_id"] = True
    emulator.resource_handlers[name] = handlers
    of_type = schema(name, _REGION)
    assert of_type is not None  # noqa: S101 - an AWS type, and the schemas are pinned
    # The type itself handles properties inside others.
    emulator.replacing_properties[name] = tuple(path[0] for path in of_type.create_only if len(path) == 1)
    if tags := of_type.tag_property:
        emulator.stack_tag_properties[name] = tags


def _update_handler(update: Callable[[Change], Created]) -> Callable[..., Created]:
    def handle(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        change = Change(physical_id=physical_id, logical_id=logical_id or physical_id, stack=stack, old=old, new=new)
        return update(change)

    return handle


def generated_name(stack: str, logical_id: str, *, longest: int = 128) -> str:
    """The name that CloudFormation generates for a resource without a name in the template."""
    return emulator.physical_name(stack, logical_id, max_len=longest)


def is_true(value: object) -> bool:
    """A boolean of a template, which may be a string."""
    return str(value).lower() == "true"


def tag_list(properties: Properties, name: str = "Tags") -> list[dict[str, str]]:
    """The tags in a property that is a list of keys and values."""
    return [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in properties.get(name) or []]


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
    """Call ``callback`` with the request and the new change set of CreateChangeSet."""

    def create(original: Function, params: dict[str, Any]) -> Any:
        answer = original(params)
        if made := _ID.search(answer[2]):
            callback(params, emulator.change_sets[made.group(1).decode()])
        return answer

    wrap_item(emulator.actions, "CreateChangeSet", create)


@contextmanager
def recorded_resource(
    stack: str, logical_id: str, *, resource_type: str, physical_id: str, properties: Mapping[str, Any]
) -> Iterator[None]:
    """Record a resource before its creation, and remove the record if the creation fails.

    The emulator records a resource after its creation. If the server is killed before, the resource exists but belongs
    to no stack: nothing deletes it, nor the resources that it uses.

    A replacement is not recorded: its predecessor is, and after a failure CloudFormation deletes the replacement.
    """
    resources = (emulator.stacks.get(stack) or {}).get("_resources")
    if resources is None or logical_id in resources:
        yield
        return
    resources[logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_IN_PROGRESS",
        "LogicalResourceId": logical_id,
        "Properties": dict(properties),
        "Attributes": {},
        "Timestamp": now_iso(),
    }
    try:
        yield
    except BaseException:
        resources.pop(logical_id, None)
        raise


def recorded_resources() -> set[tuple[str, str, str]]:
    """Account, stack and logical id of each resource in a stack's record."""
    return {
        (account, stack["StackId"], logical_id)
        for (account, _region, _name), stack in list(emulator.stacks.all_items())
        for logical_id in list(stack.get("_resources", ()))
    }
