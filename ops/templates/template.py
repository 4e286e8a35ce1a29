"""Reads synthesized templates file by file, for the estimate and the permission review."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from installation.lifecycles import BY_NAME, from_tag
from installation.names import Lifecycle
from ops.errors import UnusableInputError
from ops.templates.untrusted_json import read_template
from ops.templates.values import Json, Map, at, items, mapping

_SUFFIX: Final = ".template.json"
# It describes the template itself: CloudFormation creates nothing for it.
_METADATA: Final = "AWS::CDK::Metadata"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template."""

    stack: str  # name of its stack
    logical_id: str  # its logical id in the template
    resource_type: str  # such as ``AWS::S3::Bucket``
    properties: Map  # its properties with functions unresolved
    neighbours: Mapping[str, Map]  # all resources of the same template by logical id, including itself
    lifecycle: Lifecycle  # whether its stack outlives the month

    def text(self, name: str, default: str = "") -> str:
        """The literal parts of a property as text, without the values of functions."""
        value = self.properties.get(name)
        if isinstance(value, str):
            return value
        parts = items(at(value, "Fn::Join"))
        return "".join(part for part in items(parts[1]) if isinstance(part, str)) if len(parts) == 2 else default

    def items(self, name: str) -> list[Json]:
        """A property as a list, empty where there is none."""
        value = self.properties.get(name)
        return value if isinstance(value, list) else []

    def section(self, name: str) -> Map:
        """A property that is a mapping, empty where there is none."""
        return mapping(self.properties.get(name))


@dataclass(frozen=True)
class Template:
    """A template."""

    stack: str  # name of its stack
    content: Map  # as in its file

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """All resources that CloudFormation creates."""
        bodies = {key: mapping(body) for key, body in mapping(self.content.get("Resources")).items()}
        lifecycle = _lifecycle_of_tags(bodies) or BY_NAME.of(self.stack)
        return tuple(
            Resource(
                stack=self.stack,
                logical_id=logical_id,
                resource_type=str(body.get("Type")),
                properties=mapping(body.get("Properties")),
                neighbours=bodies,
                lifecycle=lifecycle,
            )
            for logical_id, body in bodies.items()
            if body.get("Type") != _METADATA
        )


def _lifecycle_of_tags(bodies: Mapping[str, Map]) -> Lifecycle | None:
    """The lifecycle by the tags of any resource; None where none has the tag."""
    tags = (tag for body in bodies.values() for tag in items(at(body, "Properties", "Tags")))
    return next((from_tag(at(tag, "Value")) for tag in tags if at(tag, "Key") == "Lifecycle"), None)


def template_file(folder: Path, stack: str) -> Path:
    """The file of a stack's template in a folder."""
    return folder / f"{stack}{_SUFFIX}"


def template_files(folder: Path) -> list[Path]:
    """The templates of a folder, in the order of their stacks' names; none where there is no such folder."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def read_templates(folder: Path) -> tuple[Template, ...]:
    """All templates of a folder, in the order of their stacks' names.

    Raises:
        UnusableInputError: the folder has none, or one cannot be read.
    """
    files = template_files(folder)
    if not files:
        raise UnusableInputError(f"no templates in {folder}", "Synthesize first: `npx cdk synth --quiet`.")
    return tuple(Template(file.name.removesuffix(_SUFFIX), read_template(file)) for file in files)


def read_stack_template(folder: Path, stack: str) -> Template:
    """The template of one stack.

    Raises:
        UnusableInputError: the folder has none, or it cannot be read.
    """
    return Template(stack, read_template(template_file(folder, stack)))


def resources_in(folder: Path) -> tuple[Resource, ...]:
    """All resources of all templates of a folder; errors as `read_templates`."""
    return tuple(resource for template in read_templates(folder) for resource in template.resources)
