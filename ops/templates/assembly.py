"""Reads a synthesized application: the folder ``cdk.out`` that ``cdk synth`` writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from installation.names import ALL_STACKS
from installation.settings import Settings
from ops.errors import UnusableInputError
from ops.templates.deployed import deployed_as_written, masked
from ops.templates.resolver import Resolver
from ops.templates.untrusted_json import read_object, read_template
from ops.templates.values import Map, at, items, mapping, stack_outputs, written

_STACK_TYPE = "aws:cloudformation:stack"
_STAGE_TYPE = "cdk:cloud-assembly"
_ASSETS_TYPE = "cdk:asset-manifest"
# Roles that the CDK assumes for a stack, by their keys in the artifact.
_ROLES = ("assumeRoleArn", "cloudFormationExecutionRoleArn")
# Other keys of the artifact that decide how a stack is deployed (cloud-assembly-schema,
# AwsCloudFormationStackProperties): how its roles are assumed, the parameter with the bootstrap's version, parameter
# values, topics that its events notify, and the template's file in a bucket.
_GIVEN = (
    *("assumeRoleAdditionalOptions", "assumeRoleExternalId", "bootstrapStackVersionSsmParameter", "notificationArns"),
    *("parameters", "stackTemplateAssetObjectUrl"),
)


@dataclass(frozen=True)
class Stack:
    """One synthesized stack."""

    name: str
    tags: Mapping[str, str]  # the tags of the stack itself
    protected: bool  # whether it has termination protection
    template: Map
    paths: Mapping[str, str]  # construct paths by logical id
    region: str  # the region that it is synthesized for, empty if none
    account: str = ""  # the account that it is synthesized for, empty if none
    # The roles that the CDK deploys it with, by the manifest's keys.
    roles: Mapping[str, str] = field(default_factory=dict)
    # Other deployment settings, by the manifest's keys; hashes of assets are masked.
    given: Mapping[str, str] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()  # names of the stacks that the CDK deploys before it
    shown_as: str = ""  # its display name in the CDK's command line
    file: Path = Path()  # its template's file, whose bytes are deployed

    @property
    def lifecycle(self) -> str:
        """``persistent``, ``ephemeral``, or empty without the tag."""
        return self.tags.get("Lifecycle", "")

    @cached_property
    def resources(self) -> Mapping[str, Map]:
        """Its resources by logical id."""
        return {key: mapping(value) for key, value in mapping(self.template.get("Resources")).items()}

    @cached_property
    def as_deployed(self) -> Map:
        """Its template without parts that are not deployed, with values as they are written."""
        return deployed_as_written(self.template, self.region)

    @cached_property
    def outputs(self) -> Mapping[str, Map]:
        """Its outputs by logical id."""
        return {key: mapping(value) for key, value in mapping(self.template.get("Outputs")).items()}

    @cached_property
    def reads(self) -> tuple[tuple[str, str, str], ...]:
        """Outputs of other stacks that its resources read: logical id, stack, output; each once."""
        return tuple(
            (logical_id, stack, output)
            for logical_id, resource in self.resources.items()
            for stack, output in dict.fromkeys(stack_outputs(resource))
        )

    def path(self, logical_id: str) -> str:
        """The construct path of a resource, without the name `Resource` that every L2 construct ends in."""
        return self.paths.get(logical_id, f"{self.name}/{logical_id}").removesuffix("/Resource")


@dataclass(frozen=True)
class Assembly:
    """All stacks of one side of a change."""

    folder: Path  # the folder that was read
    stacks: Mapping[str, Stack]  # its stacks by name, in the order of the manifest
    validation: Map  # the report of the rules that ran at synthesis, empty if none did

    @property
    def environment(self) -> str:
        """The environment by the stacks' tags, empty without one."""
        return next((tag for stack in self.stacks.values() if (tag := stack.tags.get("Environment"))), "")

    @property
    def project(self) -> str:
        """The project by the stacks' tags, empty without one."""
        return next((tag for stack in self.stacks.values() if (tag := stack.tags.get("Project"))), "")

    @property
    def region(self) -> str:
        """The region of its stacks, empty if they have none."""
        return next((stack.region for stack in self.stacks.values() if stack.region), "")

    @cached_property
    def values(self) -> Resolver:
        """The resolver for values of its stacks."""
        regions = {name: it.region for name, it in self.stacks.items()}
        return Resolver({name: it.template for name, it in self.stacks.items()}, regions)


def read_assembly(folder: Path) -> Assembly:
    """Read a folder that ``cdk synth`` wrote. An empty folder is an application without stacks.

    Raises:
        UnusableInputError: there is no such folder, it was not written by ``cdk synth``, or a file of it is damaged.
    """
    advice = f"Make one: `npx cdk synth --quiet -o {folder}`."
    if not folder.is_dir():
        raise UnusableInputError(f"there is no folder {folder}", advice)
    manifest = folder / "manifest.json"
    if not manifest.exists():
        if any(folder.iterdir()):
            raise UnusableInputError(f"{folder} is no synthesized application: it has no manifest.json", advice)
        return Assembly(folder, {}, {})
    artifacts = read_object(manifest).get("artifacts")
    if not isinstance(artifacts, dict):
        raise UnusableInputError(f"{manifest} lists no artifacts", advice)
    if stages := [name for name, it in artifacts.items() if at(it, "type") == _STAGE_TYPE]:
        raise UnusableInputError(
            f"{manifest} holds stages, which are assemblies of their own: {', '.join(stages)}", "Give their folders."
        )
    stacks = [
        _stack(folder, name, artifacts) for name, artifact in artifacts.items() if at(artifact, "type") == _STACK_TYPE
    ]
    if not stacks:
        raise UnusableInputError(f"{manifest} lists no stacks", advice)
    report = folder / "validation-report.json"
    by_name = {stack.name: stack for stack in stacks}
    if len(by_name) < len(stacks):
        raise UnusableInputError(f"{manifest} has two stacks of one name: they stand in different regions or accounts")
    return Assembly(folder, by_name, read_object(report) if report.exists() else {})


def require_assembly(folder: Path, settings: Settings) -> None:
    """See that a folder holds all stacks of this installation, so that no environment is deployed over another.

    Raises:
        UnusableInputError: it does not; the message names what was found.
    """
    file = folder / "manifest.json"
    advice = f"Synthesize it first: `npx cdk synth --quiet -c env={settings.environment} --output {folder}`."
    artifacts = mapping(read_object(file).get("artifacts"))
    for stack in ALL_STACKS:
        if stack not in artifacts:
            raise UnusableInputError(f"{file}: artifacts: no {stack}", advice)
        found = at(artifacts[stack], "properties", "tags", "Environment")
        if found != settings.environment:
            raise UnusableInputError(
                f"{file}: {stack} is of the environment {found or '(none)'}, not {settings.environment}",
                f"Add `--env {found}`, or choose another folder." if found else advice,
            )


def _stack(folder: Path, artifact_id: str, artifacts: Map) -> Stack:
    artifact = mapping(artifacts[artifact_id])
    properties = mapping(artifact.get("properties"))
    file = properties.get("templateFile")
    if not isinstance(file, str) or not _inside(folder, file):
        raise UnusableInputError(f"{folder / 'manifest.json'} names no template of this folder for {artifact_id}")
    name = properties.get("stackName")
    template = read_template(folder / file)
    environment = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
    lookup = at(properties, "lookupRole", "arn")
    return Stack(
        name=name if isinstance(name, str) else artifact_id,
        tags={key: str(value) for key, value in mapping(properties.get("tags")).items()},
        protected=properties.get("terminationProtection") is True,
        template=template,
        paths=_paths(folder, artifact) | paths_in_template(template),
        region=environment[2],
        account=environment[0],
        roles={key: str(it) for key in _ROLES if (it := properties.get(key))}
        | ({"lookupRole": str(lookup)} if lookup else {})
        | _publishing(folder, artifacts, artifact),
        given={key: written(masked(it)) for key in _GIVEN if (it := properties.get(key)) not in (None, [], {})},
        dependencies=tuple(str(each) for each in items(artifact.get("dependencies"))),
        shown_as=str(artifact.get("displayName", "")),
        file=folder / file,
    )


def _publishing(folder: Path, artifacts: Map, artifact: Map) -> dict[str, str]:
    """The role by which the CDK uploads a stack's template and assets."""
    for name in map(str, items(artifact.get("dependencies"))):
        file = at(artifacts.get(name), "properties", "file")
        is_assets = at(artifacts.get(name), "type") == _ASSETS_TYPE
        if is_assets and isinstance(file, str) and _inside(folder, file) and (folder / file).exists():
            for it in mapping(read_object(folder / file).get("files")).values():
                for destination in mapping(at(it, "destinations")).values():
                    if at(it, "source", "path") == at(artifact, "properties", "templateFile"):
                        return {"file publishing": str(at(destination, "assumeRoleArn"))}
    return {}


def _inside(folder: Path, file: str) -> bool:
    """Whether a file of a manifest is in its folder, also after links are resolved."""
    try:
        return (folder / file).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long or has a NUL
        return False


def _paths(folder: Path, artifact: Map) -> dict[str, str]:
    """The construct paths in a stack's metadata; newer versions of the CDK write it into a file of its own."""
    metadata = mapping(artifact.get("metadata"))
    file = artifact.get("additionalMetadataFile")
    if isinstance(file, str) and _inside(folder, file) and (folder / file).exists():
        metadata = metadata | read_object(folder / file)
    return {
        logical_id: path.removeprefix("/")
        for path, entries in metadata.items()
        for entry in items(entries)
        if at(entry, "type") == "aws:cdk:logicalId" and isinstance(logical_id := at(entry, "data"), str)
    }


def paths_in_template(template: Map) -> dict[str, str]:
    """The construct paths in a template's metadata, by logical id."""
    return {
        logical_id: path
        for logical_id, resource in mapping(template.get("Resources")).items()
        if isinstance(path := at(resource, "Metadata", "aws:cdk:path"), str)
    }
