"""Adds resource types to the emulator's CloudFormation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from ops.templates.schemas import schema

# A template's properties after all references are resolved: JSON whose structure depends on the type.
Properties = dict[str, Any]
# The values of ``Ref`` and of ``Fn::GetAtt``.
Created = tuple[str, dict[str, str]]

_REGION: Final = "us-east-1"  # has all types; a type's replacements and tags are the same in all regions


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
