"""Reads a synthesized application: the folder ``cdk.out`` that ``cdk synth`` leaves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ops.errors import UnusableInputError
from ops.review.values import Json, Map, at, items, mapping

_STACK_TYPE = "aws:cloudformation:stack"


@dataclass(frozen=True)
class Stack:
    """One synthesized stack.

    Attributes:
        name: its name.
        tags: the tags that go on the stack itself.
        protected: whether it has termination protection.
        template: its template.
        paths: construct paths by logical id.
        region: the region that it is synthesized for, empty where it does not say.
    """

    name: str
    tags: Mapping[str, str]
    protected: bool
    template: Map
    paths: Mapping[str, str]
    region: str

    @property
    def lifecycle(self) -> str:
        """``persistent``, ``ephemeral``, or empty where the stack does not say."""
        return self.tags.get("Lifecycle", "")

    @cached_property
    def resources(self) -> Mapping[str, Map]:
        """Its resources by logical id."""
        return {key: mapping(value) for key, value in mapping(self.template.get("Resources")).items()}

    @cached_property
    def outputs(self) -> Mapping[str, Map]:
        """Its outputs by logical id."""
        return {key: mapping(value) for key, value in mapping(self.template.get("Outputs")).items()}

    def path(self, logical_id: str) -> str:
        """The construct path of a resource, without the name `Resource` that every L2 construct ends in."""
        path = self.paths.get(logical_id, f"{self.name}/{logical_id}")
        return path.removesuffix("/Resource")


@dataclass(frozen=True)
class Assembly:
    """All stacks of one side of a change.

    Attributes:
        folder: the folder that was read.
        stacks: its stacks by name, in the order of the manifest.
        validation: the report of the rules that ran at synthesis, empty if none did.
    """

    folder: Path
    stacks: Mapping[str, Stack]
    validation: Map

    @property
    def environment(self) -> str:
        """What the stacks say their environment is, empty where they do not."""
        return next((tag for stack in self.stacks.values() if (tag := stack.tags.get("Environment"))), "")

    @property
    def region(self) -> str:
        """The region of its stacks, empty where they do not say."""
        return next((stack.region for stack in self.stacks.values() if stack.region), "")


def read_assembly(folder: Path) -> Assembly:
    """Read a folder that ``cdk synth`` wrote. An empty folder is an application without stacks.

    Raises:
        UnusableInputError: there is no such folder, it was not written by ``cdk synth``, or a file of it is damaged.
    """
    if not folder.is_dir():
        raise UnusableInputError(f"there is no folder {folder}", f"Make one: `npx cdk synth --quiet -o {folder}`.")
    manifest = folder / "manifest.json"
    if not manifest.exists():
        if any(folder.iterdir()):
            raise UnusableInputError(
                f"{folder} is no synthesized application: it has no manifest.json",
                f"Make one: `npx cdk synth --quiet -o {folder}`.",
            )
        return Assembly(folder, {}, {})
    artifacts = mapping(mapping(_read(manifest)).get("artifacts"))
    stacks = [
        _stack(folder, name, mapping(artifact))
        for name, artifact in artifacts.items()
        if at(artifact, "type") == _STACK_TYPE
    ]
    report = folder / "validation-report.json"
    return Assembly(folder, {stack.name: stack for stack in stacks}, mapping(_read(report)) if report.exists() else {})


def _stack(folder: Path, artifact_id: str, artifact: Map) -> Stack:
    properties = mapping(artifact.get("properties"))
    file = properties.get("templateFile")
    if not isinstance(file, str):
        raise UnusableInputError(f"{folder / 'manifest.json'} names no template for {artifact_id}")
    name = properties.get("stackName")
    template = mapping(_read(folder / file))
    return Stack(
        name=name if isinstance(name, str) else artifact_id,
        tags={key: str(value) for key, value in mapping(properties.get("tags")).items()},
        protected=properties.get("terminationProtection") is True,
        template=template,
        paths=_paths(folder, artifact) | _paths_in_template(template),
        region=str(artifact.get("environment", "")).rpartition("/")[2],
    )


def _paths(folder: Path, artifact: Map) -> dict[str, str]:
    """Newer versions of CDK keep a stack's metadata in a file of its own."""
    metadata = mapping(artifact.get("metadata"))
    file = artifact.get("additionalMetadataFile")
    if isinstance(file, str) and (folder / file).exists():
        metadata = metadata | mapping(_read(folder / file))
    found = {}
    for path, entries in metadata.items():
        for entry in items(entries):
            logical_id = at(entry, "data")
            if at(entry, "type") == "aws:cdk:logicalId" and isinstance(logical_id, str):
                found[logical_id] = path.removeprefix("/")
    return found


def _paths_in_template(template: Map) -> dict[str, str]:
    """The CDK command line also writes each path into the template."""
    found = {}
    for logical_id, resource in mapping(template.get("Resources")).items():
        if isinstance(path := at(resource, "Metadata", "aws:cdk:path"), str):
            found[logical_id] = path
    return found


def _read(file: Path) -> Json:
    try:
        content: Json = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnusableInputError(f"{file} is missing; synthesize again") from None
    except ValueError as error:  # also what is no UTF-8
        raise UnusableInputError(f"{file} is damaged: {error}", "Synthesize again.") from error
    return content
