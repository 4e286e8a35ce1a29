"""How a resource type is added to the emulator's CloudFormation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from embedded_aws.cloudformation import emulator

# A template's properties after all references are resolved: JSON of a shape that each type knows.
Properties = dict[str, Any]
# What ``Ref`` gives, and what ``Fn::GetAtt`` gives.
Created = tuple[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource whose properties change in place."""

    physical_id: str
    logical_id: str
    stack: str
    old: Properties
    new: Properties


def register(
    *,
    name: str,
    create: Callable[[str, Properties, str], Created],
    delete: Callable[[str, Properties], None],
    update: Callable[[Change], Created] | None = None,
    replaced_by: tuple[str, ...],
    tag_property: tuple[str, Literal["list", "map"]] | None = None,
) -> None:
    """Let templates use a resource type.

    Args:
        name: the type, such as ``AWS::EC2::EIP``.
        create: gets logical id, properties and stack name.
        delete: gets what ``Ref`` gives and the properties; a resource that is gone already is no error.
        update: changes the resource in place; none where every change replaces it.
        replaced_by: properties whose change replaces the resource (``createOnlyProperties`` of its schema).
        tag_property: where the tags of the stack go, and in which shape.
    """
    handlers: dict[str, object] = {"create": create, "delete": delete}
    if update is not None:
        handlers["update"] = _update_handler(update)
        handlers["update_with_logical_id"] = True
    emulator.resource_handlers[name] = handlers
    emulator.replacing_properties[name] = replaced_by
    if tag_property is not None:
        emulator.stack_tag_properties[name] = tag_property


def _update_handler(update: Callable[[Change], Created]) -> Callable[..., Created]:
    def handle(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        change = Change(physical_id=physical_id, logical_id=logical_id or physical_id, stack=stack, old=old, new=new)
        return update(change)

    return handle


def generated_name(stack: str, logical_id: str, *, longest: int = 128) -> str:
    """Make the name that CloudFormation gives a resource whose template names none."""
    return emulator.physical_name(stack, logical_id, max_len=longest)


def is_true(value: object) -> bool:
    """Read a boolean of a template, which may have come as text."""
    return str(value).lower() == "true"


def tag_list(properties: Properties, name: str = "Tags") -> list[dict[str, str]]:
    """Read tags written as a list of keys and values."""
    return [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in properties.get(name) or []]
