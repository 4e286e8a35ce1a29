"""What CloudFormation refuses of a template at once, before a stack or a change set begins.

Names, references, deletion policies, circles and attributes, in CloudFormation's sentences (CloudFormation user guide,
"Troubleshooting"; aws-cdk issues quote each). The emulator begins the stack, and fails later or never.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.core import patterns
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from ops.templates.schemas import schema

Record = dict[str, Any]

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]+")
_POLICIES: Final = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
_ARGUMENTS_OF_SUB: Final = (
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
    "first argument, and an optional second argument to specify a mapping of values to replace in the string"
)
_ARGUMENT_OF_REF: Final = "Template error: every Ref object must have a single String value."
_ARGUMENTS_OF_GETATT: Final = (  # aws-cfn-template-flip #40
    "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
    "attribute"
)
_PSEUDO: Final = "AWS::"
_INCLUDE: Final = "Fn::Transform"  # AWS::Include or a macro, where a resource could stand
# Their attributes are what a function answers, or another template's outputs.
_ANY_ATTRIBUTE: Final = (
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
)


def install(_context: ServerContext) -> None:
    """Look at each template that is sent for a stack or a change set, and ask for the capabilities that it needs."""
    emulator.compose_node.wrap(_compose)
    emulator.validate_template.wrap_everywhere(_validate)
    emulator.resolve_parameters.wrap_everywhere(_resolve)
    emulator.check_parameter.wrap(_check_parameter)
    emulator.capabilities_enforced.wrap(lambda _original: True)


def _compose(original: Function, loader: Any, *place: Any) -> Any:
    """Refuse aliases: ten of them that stand for ten others each would never be read to the end."""
    if loader.check_event(yaml.AliasEvent):
        raise ValueError("YAML aliases are not allowed in CloudFormation templates")
    return original(loader, *place)


def _check_parameter(original: Function, name: str, definition: Record, kind: str, value: str) -> None:
    """Ask whether the pattern holds where it can hold up nobody; the emulator looks at the rest."""
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
    unknown = [it["Key"] for it in provided if it.get("Key") and it["Key"] not in (template.get("Parameters") or {})]
    if unknown:
        raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    return original(template, provided, *rest, **more)


def _validate(original: Function, template: Record, *rest: Any, **more: Any) -> Any:
    if not template.get("Transform") and (said := next(broken_rules(template), None)):
        raise ValueError(said)
    return original(template, *rest, **more)


def broken_rules(template: Record) -> Iterator[str]:
    """What is wrong about a template, in CloudFormation's words."""
    written: Any = template.get("Resources") or {}
    if said := _no_resources(written):
        yield said
    if said or _INCLUDE in written:  # nobody here knows what that adds
        return
    if said := _unreadable(template):
        yield said
        return
    resources = {str(name): definition for name, definition in written.items()}  # YAML reads 1 as a number
    for name, definition in resources.items():
        yield from _own(name, definition)
    known = {*resources, *(template.get("Parameters") or {})}
    needed = {name: set(_needed(definition)) for name, definition in resources.items()}
    outputs = template.get("Outputs") or {}
    of_resources: set[str] = set().union(*needed.values())
    for block, names in (("Resources", of_resources), ("Outputs", {name for name, _ in _references(outputs)})):
        if missing := ", ".join(sorted(names - known)):
            where = f"in the {block} block of the template"
            yield f"Template format error: Unresolved resource dependencies [{missing}] {where}"
    if circle := sorted(_circle({name: of_one & resources.keys() for name, of_one in needed.items()})):
        yield f"Circular dependency between resources: [{', '.join(circle)}]"
    yield from _attributes(resources, [resources, outputs])


def _no_resources(written: Any) -> str | None:
    """Of the second and third sentence only the rule is documented."""
    if not written:
        return "Template format error: At least one Resources member must be defined."
    if not isinstance(written, dict):
        return "Template format error: Resources must be an object."
    wrong = (name for name, definition in written.items() if not isinstance(definition, dict))
    return next((f"Template format error: Resource {name} must be an object." for name in wrong), None)


def _unreadable(template: Record) -> str | None:
    """Of the first sentence only the rule is documented."""
    for block in ("Parameters", "Outputs"):
        if not isinstance(template.get(block) or {}, dict):
            return f"Template format error: {block} must be an object."
    written = [template["Resources"], template.get("Outputs") or {}]
    # Of the blocks what their names stand for: an output may be called Ref.
    if said := next(_wrong_arguments([it for block in written for it in block.values()]), None):
        return said
    try:
        list(emulator.intrinsic_references(written))
    except ValueError:
        return _ARGUMENTS_OF_SUB
    return None


def _wrong_arguments(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if len(value) == 1 and not isinstance(value.get("Ref", ""), str):
            yield _ARGUMENT_OF_REF
        if len(value) == 1 and "Fn::GetAtt" in value:
            asked = value["Fn::GetAtt"]
            parts = asked.partition(".")[::2] if isinstance(asked, str) else asked
            if not (isinstance(parts, list | tuple) and len(parts) == 2 and isinstance(parts[0], str) and all(parts)):
                yield _ARGUMENTS_OF_GETATT
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _wrong_arguments(each)


def _own(name: str, definition: Record) -> Iterator[str]:
    if not _LOGICAL_ID.fullmatch(name):
        yield f"Template format error: Resource name {name} is non alphanumeric."
    if not all(isinstance(it, str) for it in _depends_on(definition)):
        yield "Template format error: DependsOn must be a string or list of strings."  # troposphere #709
    for policy, allowed in _POLICIES.items():
        if isinstance(said := definition.get(policy), str) and said not in allowed:
            yield f"Template format error: Unrecognized {policy} {said} for resource {name}"


def _references(value: Any) -> Iterator[tuple[str, str | None]]:
    return ((name, attribute) for name, attribute in emulator.intrinsic_references(value) if _PSEUDO not in name)


def _needed(definition: Record) -> Iterator[str]:
    yield from (name for name, _ in _references(definition.get("Properties") or {}))
    yield from _depends_on(definition)


def _depends_on(definition: Record) -> list[Any]:
    names = definition.get("DependsOn") or []
    return names if isinstance(names, list) else [names]


def _circle(needed: Mapping[str, set[str]]) -> set[str]:
    """Those of a circle, and those that wait for it."""
    left = dict(needed)
    while ready := [name for name, of_one in left.items() if not of_one & left.keys()]:
        for name in ready:
            del left[name]
    return set(left)


def _attributes(resources: Record, values: list[Any]) -> Iterator[str]:
    for name, attribute in (it for value in values for it in _references(value)):
        if not isinstance(attribute, str) or name not in resources:  # a parameter may say which attribute
            continue
        resource_type = str(resources[name].get("Type"))
        of_type = None if resource_type in _ANY_ATTRIBUTE else schema(resource_type, get_region())
        first = attribute.partition(".")[0]
        if of_type is not None and first not in of_type.properties:
            yield f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
