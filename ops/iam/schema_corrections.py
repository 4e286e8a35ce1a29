"""Corrections of the resource schemas: listed permissions that nothing here needs, and permissions that they lack."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import Field

from installation import yaml_text
from installation.permissions.wildcards import matches_action
from ops.templates.values import Map, at

_FOLDER = Path(__file__).parent / "data"
_Patterns = Annotated[tuple[str, ...], Field(min_length=1)]


class _Rule(yaml_text.Data):
    types: _Patterns = ("*",)
    """Resource types, with * for any part."""
    actions: _Patterns
    """Actions, with * for any part."""
    reason: str = Field(min_length=10)
    """The reason or source."""

    def concerns(self, resource_type: str) -> bool:
        """Whether the rule applies to a resource type."""
        return any(fnmatchcase(resource_type, pattern) for pattern in self.types)


class UnneededPermissions(_Rule):
    """Permissions that a type's handlers may use, but not for these templates."""

    unless: tuple[str, ...] = ()
    """Properties, parts separated by dots; with one of them the permissions are needed."""

    def leaves_out(self, resource_type: str, properties: Map, action: str) -> bool:
        """Whether a resource does not need an action."""
        return (
            self.concerns(resource_type)
            and any(matches_action(action, pattern) for pattern in self.actions)
            and not any(has_property(properties, path) for path in self.unless)
        )


class FurtherPermissions(_Rule):
    """Permissions that no handler lists."""

    where: tuple[str, ...] = ()
    """Properties, one of which a resource must have to need the actions; none: all resources need them."""

    def needed_by(self, resource_type: str, properties: Map) -> bool:
        """Whether a resource needs the actions."""
        return self.concerns(resource_type) and (
            not self.where or any(has_property(properties, path) for path in self.where)
        )


def has_property(properties: Map, path: str) -> bool:
    """Whether a resource sets a property, or a part of one such as ``Code.S3Bucket``."""
    return at(properties, *path.split(".")) is not None


left_out = yaml_text.cached_reader(_FOLDER / "left_out.yaml", tuple[UnneededPermissions, ...])
added = yaml_text.cached_reader(_FOLDER / "added.yaml", tuple[FurtherPermissions, ...])
