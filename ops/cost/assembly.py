"""The synthesized application as the estimate reads it: resources with their stacks, and nothing looked up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from ops.errors import UnusableInputError
from ops.stacks.state import Lifecycle, lifecycle_of

_TEMPLATE = ".template.json"
# Resources that describe the template itself.
_NO_RESOURCES = ("AWS::CDK::Metadata",)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template.

    Attributes:
        stack: name of its stack.
        logical_id: its name in the template.
        resource_type: such as ``AWS::S3::Bucket``.
        properties: as they stand in the template, with functions unresolved.
        neighbours: all resources of the same template by logical id, itself among them.
    """

    stack: str
    logical_id: str
    resource_type: str
    properties: Mapping[str, JsonValue]
    neighbours: Mapping[str, Mapping[str, JsonValue]]

    @property
    def lifecycle(self) -> Lifecycle:
        """Whether its stack outlives the month."""
        return lifecycle_of(self.stack)

    def text(self, name: str, default: str = "") -> str:
        """A property as text; what functions add at deployment is left out, the literal parts stay."""
        return literal_text(self.properties.get(name), default)

    def number(self, name: str, default: float) -> float:
        """A property as a number; templates hold numbers as text, too.

        Raises:
            NotPricedError: the value is only known at deployment.
        """
        value = self.properties.get(name, default)
        if isinstance(value, int | float | str):
            try:
                return float(value)
            except ValueError:
                pass
        raise NotPricedError(f"{name} is only known at deployment")

    def items(self, name: str) -> list[JsonValue]:
        """A property as a list, empty where there is none."""
        value = self.properties.get(name)
        return value if isinstance(value, list) else []

    def section(self, name: str) -> Mapping[str, JsonValue]:
        """A property that holds others, empty where there is none."""
        value = self.properties.get(name)
        return value if isinstance(value, dict) else {}


class NotPricedError(Exception):
    """A resource bills, but the template does not say how much of it there is, or no price is known."""


def literal_text(value: JsonValue, default: str = "") -> str:
    """The parts of a value that stand in the template as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(join := value.get("Fn::Join"), list) and isinstance(join[1], list):
        return "".join(part for part in join[1] if isinstance(part, str))
    return default


def read_assembly(folder: Path) -> tuple[Resource, ...]:
    """All resources of all templates in a folder, stacks in the order of their names.

    Raises:
        UnusableInputError: there are no templates in it, or one cannot be read.
    """
    files = sorted(folder.glob(f"*{_TEMPLATE}"))
    if not files:
        raise UnusableInputError(f"no templates in {folder}", "Synthesize first: `npx cdk synth --quiet`.")
    return tuple(resource for file in files for resource in _read(file))


def environment_of(resources: tuple[Resource, ...], default: str = "dev") -> str:
    """The environment that the templates were made for, by the tag that every stack carries."""
    for resource in resources:
        for tag in resource.items("Tags"):
            if isinstance(tag, dict) and tag.get("Key") == "Environment":
                return str(tag.get("Value"))
    return default


def resources_of(stack: str, template: Mapping[str, JsonValue]) -> Iterator[Resource]:
    """The resources of one template."""
    content = template.get("Resources")
    bodies = (
        {name: body for name, body in content.items() if isinstance(body, dict)} if isinstance(content, dict) else {}
    )
    for logical_id, body in bodies.items():
        properties = body.get("Properties")
        if body.get("Type") not in _NO_RESOURCES:
            yield Resource(
                stack=stack,
                logical_id=logical_id,
                resource_type=str(body.get("Type")),
                properties=properties if isinstance(properties, dict) else {},
                neighbours=bodies,
            )


def _read(file: Path) -> Iterator[Resource]:
    try:
        template = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnusableInputError(f"{file} is no template: {error}") from error
    if not isinstance(template, dict):
        raise UnusableInputError(f"{file} is no template: it holds {type(template).__name__}")
    return resources_of(file.name.removesuffix(_TEMPLATE), template)
