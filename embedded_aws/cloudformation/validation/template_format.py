"""Template errors that CloudFormation refuses at once, before a stack or a change set begins.

Names, references, deletion policies, circular dependencies and attributes, with CloudFormation's messages (user guide,
"Troubleshooting"; aws-cdk issues quote each). The emulator begins the stack, and fails later or never.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import yaml
from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.core import patterns
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from installation import yaml_text
from ops.templates.schemas import schema

Record = dict[str, Any]

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]+")
_VERSION: Final = "2010-09-09"
_PARAMETER_TYPES: Final = re.compile(
    r"String|Number|List<(Number|String)>|CommaDelimitedList|(List<)?AWS::[\w:]+(<[\w:<>]+>)?>?"
)
_PSEUDO: Final = "AWS::"
# An address in S3 that begins with the bucket (S3 user guide, "Virtual hosting of general purpose buckets").
_OF_BUCKET: Final = re.compile(r"https://([a-z0-9.-]+)\.s3[.-](?:[a-z0-9-]+\.){0,2}amazonaws\.com/(.+)")
_INCLUDE: Final = "Fn::Transform"  # AWS::Include or a macro, in place of a resource


class _Words(yaml_text.Data):
    sections: frozenset[str]
    attributes: frozenset[str]
    policies: dict[str, tuple[str, ...]]
    with_snapshots: tuple[str, ...]
    with_any_attribute: tuple[str, ...]
    messages: dict[str, str]


words: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), _Words)


def install(_context: ServerContext) -> None:
    """Check each template for a stack or a change set, and require the capabilities that it needs."""
    emulator.resolve_document.wrap(_resolve_document)
    emulator.compose_node.wrap(_compose)
    emulator.validate_template.wrap_everywhere(_validate)
    emulator.resolve_parameters.wrap_everywhere(_resolve)
    emulator.check_parameter.wrap(_check_parameter)
    emulator.capabilities_enforced.wrap(lambda _original: True)


def _resolve_document(original: Function, params: Record, body: str, url: str, label: str) -> Any:
    """Read a document whose address begins with its bucket by the other form, the only one that the emulator knows.

    The emulator does not decode addresses. The words about a missing object: reports of users of CreateStack.
    """
    sent = emulator.parameter(params, url)
    read = f"https://s3.amazonaws.com/{match[1]}/{match[2]}" if (match := _OF_BUCKET.fullmatch(sent)) else sent
    document, refused = original(params | {url: [unquote(read)]}, body, url, label)
    if refused and f"{label} not found at".encode() in refused[2]:
        refused = emulator.error("ValidationError", "S3 error: The specified key does not exist.")
    return document, refused


def _compose(original: Function, loader: Any, *place: Any) -> Any:
    """Refuse aliases: nested aliases, ten in each, would take forever to read."""
    if loader.check_event(yaml.AliasEvent):
        raise ValueError("YAML aliases are not allowed in CloudFormation templates")
    return original(loader, *place)


def _check_parameter(original: Function, name: str, definition: Record, kind: str, value: str) -> None:
    """Check the pattern without blocking the server; the emulator checks the rest."""
    pattern = definition.get("AllowedPattern")
    if pattern is not None and kind != "Number":
        members = [it.strip() for it in value.split(",")] if kind in ("CommaDelimitedList", "List<Number>") else [value]
        try:
            fits = all(patterns.found(str(pattern), it, whole=True) for it in members)
        except re.error as error:
            raise ValueError(f"Parameter '{name}' has an invalid AllowedPattern: {error}") from None
        if not fits:
            said = definition.get("ConstraintDescription") or f"must match pattern {pattern}"
            raise ValueError(f"Parameter '{name}' {said}")
    original(name, {key: it for key, it in definition.items() if key != "AllowedPattern"}, kind, value)


def _resolve(original: Function, template: Record, provided: list[Record], *rest: Any, **more: Any) -> Any:
    conditions = template.get("Conditions") or {}  # evaluated before the template is checked
    if isinstance(conditions, dict) and (said := next(_wrong_arguments(list(conditions.values())), None)):
        raise ValueError(said)
    unknown = [it["Key"] for it in provided if it.get("Key") and it["Key"] not in (template.get("Parameters") or {})]
    if unknown:
        raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    return original(template, provided, *rest, **more)


def _validate(original: Function, template: Record, *rest: Any, **more: Any) -> Any:
    if not template.get("Transform") and (said := next(broken_rules(template), None)):
        raise ValueError(said)
    return original(template, *rest, **more)


def broken_rules(template: Record) -> Iterator[str]:
    """The errors in a template, with CloudFormation's messages."""
    definitions: Any = template.get("Resources") or {}
    if said := _no_resources(definitions):
        yield said
    if said or _INCLUDE in definitions:  # the resources that it adds are unknown
        return
    if said := _unreadable(template):
        yield said
        return
    yield from _sections(template)
    yield from _conditions(template)
    resources = {str(name): it for name, it in definitions.items()}  # YAML parses the name 1 as a number
    for name, definition in resources.items():
        yield from _definition_problems(name, definition)
    known = {*resources, *(template.get("Parameters") or {})}
    dependencies = {
        name: {*(other for other, _ in _references(definition.get("Properties") or {})), *_depends_on(definition)}
        for name, definition in resources.items()
    }
    outputs = template.get("Outputs") or {}
    of_resources: set[str] = set().union(*dependencies.values())
    for block, names in (("Resources", of_resources), ("Outputs", {name for name, _ in _references(outputs)})):
        if missing := ", ".join(sorted(names - known)):
            where = f"in the {block} block of the template"
            yield f"Template format error: Unresolved resource dependencies [{missing}] {where}"
    if circle := sorted(_circle({name: of_one & resources.keys() for name, of_one in dependencies.items()})):
        yield f"Circular dependency between resources: [{', '.join(circle)}]"
    yield from _attributes(resources, [resources, outputs])


def _sections(template: Record) -> Iterator[str]:
    """Errors in sections; for the version, only the rule is documented, not the message."""
    if unknown := sorted(str(name) for name in template if name not in words().sections):
        yield f"Invalid template property or properties [{', '.join(unknown)}]"
    if str(template.get("AWSTemplateFormatVersion") or _VERSION) != _VERSION:
        yield f"Template format error: the only AWSTemplateFormatVersion is {_VERSION}."
    for definition in (template.get("Parameters") or {}).values():
        kind = definition.get("Type", "String") if isinstance(definition, dict) else "String"
        if not _PARAMETER_TYPES.fullmatch(str(kind)):
            yield f"Template format error: Unrecognized parameter type: {kind}"


def _conditions(template: Record) -> Iterator[str]:
    named = {str(it["Condition"]) for it in template["Resources"].values() if isinstance(it.get("Condition"), str)}
    known = (template.get("Conditions") or {}).keys()
    for missing in sorted(named - known):
        where = "in the Resources block of the template"
        yield f"Template format error: Unresolved condition dependency {missing} {where}"
    for missing in sorted(set(_used_conditions([template["Resources"], template.get("Outputs")])) - known):
        yield f"Template error: unresolved condition dependency {missing} in Fn::If"


def _used_conditions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        given = value.get("Fn::If") if len(value) == 1 else None
        if isinstance(given, list) and given and isinstance(given[0], str):
            yield given[0]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _used_conditions(each)


def _no_resources(definitions: Any) -> str | None:
    """The error in the resources; for the second and third message, only the rule is documented."""
    if not definitions:
        return "Template format error: At least one Resources member must be defined."
    if not isinstance(definitions, dict):
        return "Template format error: Resources must be an object."
    wrong = (name for name, definition in definitions.items() if not isinstance(definition, dict))
    return next((f"Template format error: Resource {name} must be an object." for name in wrong), None)


def _unreadable(template: Record) -> str | None:
    """The error in blocks and function arguments; for the first message, only the rule is documented."""
    for block in ("Parameters", "Outputs", "Conditions"):
        if not isinstance(template.get(block) or {}, dict):
            return f"Template format error: {block} must be an object."
    sections = [template["Resources"], template.get("Outputs") or {}]
    conditions = template.get("Conditions") or {}
    # Only the values in the blocks, not their names: an output may be called Ref.
    if said := next(_wrong_arguments([it for block in (*sections, conditions) for it in block.values()]), None):
        return said
    try:
        list(emulator.intrinsic_references(sections))
    except ValueError:
        return words().messages["Fn::Sub"]
    return None


def _wrong_arguments(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if len(value) == 1 and (said := _function_problems(*next(iter(value.items())))):
            yield said
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _wrong_arguments(each)


def _function_problems(name: str, argument: Any) -> str | None:
    fits = True
    if name == "Ref":
        fits = isinstance(argument, str)
    elif name == "Fn::GetAtt":
        parts = argument.partition(".")[::2] if isinstance(argument, str) else argument
        fits = isinstance(parts, list | tuple) and len(parts) == 2 and isinstance(parts[0], str) and all(parts)
    elif name in ("Fn::Equals", "Fn::Join", "Fn::Split"):
        fits = isinstance(argument, list) and len(argument) == 2
    return None if fits else words().messages[name]


def _definition_problems(name: str, definition: Record) -> Iterator[str]:
    if not isinstance(definition.get("Type"), str):
        yield f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
    for unknown in sorted(str(attribute) for attribute in definition if attribute not in words().attributes):
        yield f"Invalid template resource property '{unknown}'"
    if not _LOGICAL_ID.fullmatch(name):
        yield f"Template format error: Resource name {name} is non alphanumeric."
    if not all(isinstance(it, str) for it in _depends_on(definition)):
        yield "Template format error: DependsOn must be a string or list of strings."  # troposphere #709
    for policy, allowed in words().policies.items():
        if isinstance(said := definition.get(policy), str) and said not in allowed:
            yield f"Template format error: Unrecognized {policy} {said} for resource {name}"
        elif said == "Snapshot" and definition.get("Type") not in words().with_snapshots:
            kind = "deletion" if policy == "DeletionPolicy" else "update replace"
            yield f"Template error: resource type {definition.get('Type')} does not support {kind} policy Snapshot"


def _references(value: Any) -> Iterator[tuple[str, str | None]]:
    return ((name, attribute) for name, attribute in emulator.intrinsic_references(value) if _PSEUDO not in name)


def _depends_on(definition: Record) -> list[Any]:
    names = definition.get("DependsOn") or []
    return names if isinstance(names, list) else [names]


def _circle(dependencies: Mapping[str, set[str]]) -> set[str]:
    """The resources in a circular dependency, and those that depend on it."""
    left = dict(dependencies)
    while ready := [name for name, of_one in left.items() if not of_one & left.keys()]:
        for name in ready:
            del left[name]
    return set(left)


def _attributes(resources: Record, values: list[Any]) -> Iterator[str]:
    for name, attribute in (it for value in values for it in _references(value)):
        if not isinstance(attribute, str) or name not in resources:  # the attribute may be a parameter
            continue
        resource_type = str(resources[name].get("Type"))
        of_type = None if resource_type in words().with_any_attribute else schema(resource_type, get_region())
        first = attribute.partition(".")[0]
        if of_type is not None and first not in of_type.properties:
            yield f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
