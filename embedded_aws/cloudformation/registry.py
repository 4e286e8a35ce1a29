"""How a resource type is added to the emulator's CloudFormation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ministack.services.cloudformation import provisioners

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


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """A resource type: what CloudFormation does with it.

    Attributes:
        name: such as ``AWS::EC2::EIP``.
        create: gets logical id, properties and stack name.
        update: changes the resource in place; none where every change replaces it.
        delete: gets what ``Ref`` gives and the properties; a resource that is gone already is no error.
        replaced_by: the properties whose change replaces the resource (``createOnlyProperties`` of its schema).
        tag_property: where the tags of the stack go, and in which shape.
    """

    name: str
    create: Callable[[str, Properties, str], Created]
    delete: Callable[[str, Properties], None]
    update: Callable[[Change], Created] | None = None
    replaced_by: tuple[str, ...]
    tag_property: tuple[str, Literal["list", "map"]] | None = None


def register(resource: ResourceType) -> None:
    """Let templates use a resource type."""
    handlers: dict[str, object] = {"create": resource.create, "delete": resource.delete}
    if resource.update is not None:
        handlers["update"] = _update_handler(resource.update)
        handlers["update_with_logical_id"] = True
    provisioners._RESOURCE_HANDLERS[resource.name] = handlers  # noqa: SLF001 - the emulator's register of types
    provisioners._REPLACING_PROPERTIES[resource.name] = resource.replaced_by  # noqa: SLF001
    if resource.tag_property is not None:
        provisioners._STACK_TAG_PROPERTY[resource.name] = resource.tag_property  # noqa: SLF001


def _update_handler(update: Callable[[Change], Created]) -> Callable[..., Created]:
    def handle(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        change = Change(physical_id=physical_id, logical_id=logical_id or physical_id, stack=stack, old=old, new=new)
        return update(change)

    return handle


def generated_name(stack: str, logical_id: str, *, longest: int = 128) -> str:
    """Make the name that CloudFormation gives a resource whose template names none."""
    name: str = provisioners._physical_name(stack, logical_id, max_len=longest)  # noqa: SLF001
    return name


def is_true(value: object) -> bool:
    """Read a boolean of a template, which may have come as text."""
    return str(value).lower() == "true"


def tag_list(properties: Properties, name: str = "Tags") -> list[dict[str, str]]:
    """Read tags written as a list of keys and values."""
    return [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in properties.get(name) or []]
