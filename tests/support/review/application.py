"""The real application as data that a test can change: one side of a review."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ops.templates.assembly import Assembly
from ops.templates.values import identical

Resource = dict[str, Any]


class Application:
    """A synthesized application that can be changed.

    Args:
        assembly: the synthesized application, which stays unchanged.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self.templates: dict[str, Any] = orjson.loads(
            orjson.dumps({name: it.template for name, it in assembly.stacks.items()})
        )  # a tenth of the time of a deep copy
        self.tags = {name: dict(it.tags) for name, it in assembly.stacks.items()}
        self.protected = {name: it.protected for name, it in assembly.stacks.items()}
        self.paths = {name: dict(it.paths) for name, it in assembly.stacks.items()}

    def resources(self, stack: str) -> dict[str, Resource]:
        """Resources of a stack, which a caller may change."""
        found: dict[str, Resource] = self.templates[stack]["Resources"]
        return found

    def id_of(self, stack: str, path: str) -> str:
        """Logical id of the resource with a construct path below its stack, without `Resource` at its end."""
        (found,) = [
            logical_id
            for logical_id in self.resources(stack)
            if self._assembly.stacks[stack].path(logical_id) == f"{stack}/{path}"
        ]
        return found

    def resource(self, stack: str, path: str) -> Resource:
        """A resource by its construct path below the stack."""
        return self.resources(stack)[self.id_of(stack, path)]

    def properties(self, stack: str, path: str) -> dict[str, Any]:
        """Properties of a resource by its construct path below the stack."""
        found: dict[str, Any] = self.resource(stack, path)["Properties"]
        return found

    def remove(self, stack: str, path: str) -> Resource:
        """Remove a resource, and return it."""
        return self.resources(stack).pop(self.id_of(stack, path))

    def add(self, stack: str, logical_id: str, kind: str, properties: dict[str, Any], **attributes: Any) -> None:
        """Add a resource."""
        self.resources(stack)[logical_id] = {"Type": kind, "Properties": properties, **attributes}

    def everywhere(self) -> Iterator[Resource]:
        """All resources of all stacks."""
        for stack in self.templates:
            yield from self.resources(stack).values()

    def assembly(self) -> Assembly:
        """The application in the form for the review; unchanged stacks are the given objects."""
        stacks = {}
        for name, template in self.templates.items():
            given = self._assembly.stacks[name]
            changed = dataclasses.replace(
                given, template=template, tags=self.tags[name], protected=self.protected[name], paths=self.paths[name]
            )
            stacks[name] = given if changed == given and identical(template, given.template) else changed
        return dataclasses.replace(self._assembly, stacks=stacks)

    def write(self, folder: Path) -> Path:
        """Write the application as a folder like one of ``cdk synth``."""
        folder.mkdir()
        for file in self._assembly.folder.glob("*.json"):
            if not file.name.endswith(".template.json"):
                (folder / file.name).write_bytes(file.read_bytes())
        manifest = json.loads((folder / "manifest.json").read_text())
        for name in self._assembly.stacks:
            if name not in self.templates:
                del manifest["artifacts"][name]
                continue
            (folder / f"{name}.template.json").write_text(json.dumps(self.templates[name]))
            manifest["artifacts"][name]["properties"]["tags"] = self.tags[name]
            manifest["artifacts"][name]["properties"]["terminationProtection"] = self.protected[name]
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder
