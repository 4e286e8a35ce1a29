"""Which properties replace a resource, by the official resource schemas in cfn-lint.

Read as files: importing cfn-lint takes half a second, a schema less than a millisecond. The layout is that of the
pinned version; a test compares them with cfn-lint's own interface.
"""

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from ops.errors import FailedError
from ops.templates.values import Json, Map, at, is_function, items, mapping

_PREFIX = "/properties/"
# Types that are identified by an id, and may use one name twice.
_NAMES_ARE_NOT_UNIQUE = frozenset({"AWS::Athena::NamedQuery"})


class Replacement(IntEnum):
    """Whether a change makes CloudFormation replace the resource."""

    NO = 0
    MAY = 1
    WILL = 2


@dataclass(frozen=True)
class Schema:
    """The schema of one resource type."""

    content: Map

    @cached_property
    def create_only(self) -> tuple[tuple[str, ...], ...]:
        """Paths of the properties whose change replaces the resource."""
        return self._paths("createOnlyProperties")

    @cached_property
    def conditional(self) -> tuple[tuple[str, ...], ...]:
        """Paths of the properties whose change replaces the resource under conditions that a schema cannot express."""
        return self._paths("conditionalCreateOnlyProperties")

    @cached_property
    def identifiers(self) -> tuple[tuple[str, ...], ...]:
        """Paths of the properties that together identify a resource."""
        return self._paths("primaryIdentifier")

    @cached_property
    def read_only(self) -> frozenset[tuple[str, ...]]:
        """Paths of the properties that only AWS sets."""
        return frozenset(self._paths("readOnlyProperties"))

    @cached_property
    def name_properties(self) -> tuple[str, ...]:
        """Properties with the resource's name, which a template may set and which must be unique.

        Where the identifier is an ARN, the name is a create-only property of its own, and comes first. A name inside of
        another property, such as a budget's, is written as a path. An identifier that AWS completes is no name: a route
        table has many routes.
        """
        if self.content.get("typeName") in _NAMES_ARE_NOT_UNIQUE:
            return ()
        identifiers = [path[0] for path in self.identifiers if path not in self.read_only and len(path) == 1]
        kind = str(self.content.get("typeName")).rpartition("::")[2]
        own = {"Name", f"{kind}Name", "GroupName" if kind.endswith("Group") else "Name"}
        named = [path[0] for path in self.create_only if len(path) == 1 and path[0] in own]
        inside = ["/".join(path) for path in self.create_only if len(path) == 2 and path[1] == f"{kind}Name"]
        whole = len(identifiers) == len(self.identifiers)
        return tuple(dict.fromkeys([*named, *inside, *identifiers])) if whole or named or inside else ()

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Names of the top-level properties."""
        return tuple(mapping(self.content.get("properties")))

    @cached_property
    def tag_property(self) -> tuple[str, Literal["list", "map"]] | None:
        """The property of tags that can change, and its shape."""
        tagging = mapping(self.content.get("tagging"))
        name = str(tagging.get("tagProperty")).removeprefix(_PREFIX)
        if not tagging.get("tagUpdatable") or name not in self.properties:
            return None
        return name, "map" if at(self.content, "properties", name, "type") == "object" else "list"

    def replacement(self, name: str, old: Json, new: Json) -> Replacement:
        """Whether the change of a top-level property replaces the resource.

        A path into a property counts only where the value at that path changed.
        """
        if any(_differs(path, name, old, new) for path in self.create_only):
            return Replacement.WILL
        if any(_differs(path, name, old, new) for path in self.conditional):
            return Replacement.MAY
        return Replacement.NO

    def _paths(self, section: str) -> tuple[tuple[str, ...], ...]:
        paths = (it for it in items(self.content.get(section)) if isinstance(it, str))
        return tuple(tuple(path.removeprefix(_PREFIX).split("/")) for path in paths)


def schema(resource_type: str, region: str) -> Schema | None:
    """The schema of a type in a region; None for a type without a published schema (custom resources).

    Raises:
        FailedError: cfn-lint is not installed, or has its schemas elsewhere.
    """
    return _schema(resource_type, region if region in _regions() else "us-east-1")


@cache
def _schema(resource_type: str, region: str) -> Schema | None:
    file = at(_provider(region), resource_type)
    if not isinstance(file, str):
        return None
    content: Map = json.loads((schema_folder() / "resources" / f"{file}.json").read_text(encoding="utf-8"))
    return Schema(content)


@cache
def resource_types(region: str) -> tuple[str, ...]:
    """All types that a region has."""
    return tuple(sorted(mapping(_provider(region))))


@cache
def _provider(region: str) -> Map:
    content: Map = json.loads((schema_folder() / "providers" / f"{region}.json").read_text(encoding="utf-8"))
    return content


@cache
def _regions() -> frozenset[str]:
    return frozenset(file.stem for file in (schema_folder() / "providers").glob("*.json"))


@cache
def schema_folder() -> Path:
    """The folder of cfn-lint's schemas.

    Raises:
        FailedError: cfn-lint is not installed, or has its schemas elsewhere.
    """
    spec = find_spec("cfnlint")
    found = Path(spec.origin).parent / "data" / "schemas" if spec and spec.origin else None
    if found is None or not (found / "providers").is_dir():
        advice = "Install the pinned version: `make setup`."
        raise FailedError("the resource schemas of cfn-lint were not found", advice)
    return found


def _differs(path: tuple[str, ...], name: str, old: Json, new: Json) -> bool:
    return path[0] == name and _values(old, path[1:]) != _values(new, path[1:])


def _values(value: Json, path: tuple[str, ...]) -> Json:
    """The values at a path; ``*`` means every item of a list. The whole value where a function hides the parts."""
    if not path:
        return value
    if path[0] == "*":
        return [_values(child, path[1:]) for child in items(value)]
    if isinstance(value, dict) and not is_function(value):
        return _values(value.get(path[0]), path[1:])
    return value
