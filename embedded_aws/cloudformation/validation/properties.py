"""Validates properties against the schema of their resource type, as far as their values are known.

The keywords of providers' schemas are checked, except those that combine schemas (``oneOf``, ``if``), which are
left to the service. Numbers and booleans may be strings, as in templates.
The messages are CloudFormation's (aws-cdk-cli #1463, the emulator's observations of AWS); for lengths, ranges and
patterns, they are its resource handlers' (re:Post, "Model Validation Failed").
"""

import copy
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any, Final

from embedded_aws.cloudformation import emulator

# A value that is known only after the deployment: from another resource or stack, or a secret.
_UNKNOWN: Final = object()
_REMOVED: Final = object()  # A property that the template removes (``AWS::NoValue``)

# Functions whose value follows from parameters, mappings and conditions.
_STATIC: Final = ("Ref", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Base64")
_PSEUDO: Final = "AWS::"
_DYNAMIC_REFERENCE: Final = "{{resolve:"

_Record = dict[str, Any]
_Schema = dict[str, Any]
_Violation = tuple[str, str]  # The path below the properties, and the message

_CONSTRAINT: Final = "failed validation constraint for keyword [{}]"
_KIND_NAMES: Final = {
    "string": "String",
    "integer": "Number",
    "number": "Number",
    "boolean": "Boolean",
    "array": "JSONArray",
    "object": "JSONObject",
}
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_PREFIX: Final = "/properties/"


def static(value: Any, resolve: Callable[[Any], Any], parameters: Collection[str]) -> Any:
    """Resolve a value as far as it is known; ``resolve`` evaluates a function that refers to no resource."""
    if isinstance(value, str):
        return _UNKNOWN if _DYNAMIC_REFERENCE in value else value
    if isinstance(value, list):
        items = [static(item, resolve, parameters) for item in value]
        return [item for item in items if item is not _REMOVED]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) and (name == "Ref" or name.startswith("Fn::")):
        return _function_value(name, value, resolve, parameters)
    members = {name: static(item, resolve, parameters) for name, item in value.items()}
    return {name: item for name, item in members.items() if item is not _REMOVED}


def _function_value(name: str, value: _Record, resolve: Callable[[Any], Any], parameters: Collection[str]) -> Any:
    if value == {"Ref": "AWS::NoValue"}:
        return _REMOVED
    if name not in _STATIC or _has_references(value, parameters):
        return _UNKNOWN
    if "Fn::GetStackOutput" in str(value) or "Fn::ImportValue" in str(value) or _DYNAMIC_REFERENCE in str(value):
        return _UNKNOWN
    try:
        resolved = resolve(copy.deepcopy(value))
        return _REMOVED if resolved is emulator.no_value else static(resolved, resolve, parameters)
    except (ValueError, KeyError, TypeError, IndexError):  # a function that the emulator cannot evaluate yet
        return _UNKNOWN


def _has_references(value: _Record, known: Collection[str]) -> bool:
    named = (name for name, _ in emulator.intrinsic_references(value))
    return any(name not in known and not name.startswith(_PSEUDO) for name in named)


def violations(schema: _Schema, properties: Any) -> Iterator[_Violation]:
    """The violations of the schema in a resource's properties, as far as these are known."""
    written = (*schema.get("createOnlyProperties", []), *schema.get("writeOnlyProperties", []))
    for top in (name.removeprefix(_PREFIX) for name in schema.get("readOnlyProperties", []) if name not in written):
        # Only whole properties: a template that was made from an answer may contain read-only parts of a property.
        if isinstance(properties, dict) and top in properties:
            yield "", f"Encountered unsupported property {top}"
    yield from _object(schema, properties, "", schema, "Properties")


def _value(rule: _Schema, value: Any, path: str, root: _Schema) -> Iterator[_Violation]:
    rule, name = resolved(rule, root), path.rpartition("/")[2]
    kinds = rule.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if value is _UNKNOWN:
        return
    if kinds and not any(_is_of_kind(kind, value) for kind in kinds):
        yield path, f"Property [{name}] expected type: {_KIND_NAMES[kinds[0]]}, found: {_found(value)}"
        return
    if isinstance(value, dict):
        yield from _object(rule, value, path, root, name)
    elif isinstance(value, list):
        yield from _list(rule, value, path, root)
    else:
        yield from _scalar(rule, value, path)


def _object(rule: _Schema, value: Any, path: str, root: _Schema, name: str) -> Iterator[_Violation]:
    if not isinstance(value, dict):
        if value is not _UNKNOWN:
            yield path, f"Property [{name}] expected type: JSONObject, found: {_found(value)}"
        return
    closed = rule.get("additionalProperties") is False and ("properties" in rule or "patternProperties" in rule)
    for required in rule.get("required") or []:
        if required not in value:
            yield path, f"Required property [{required}] not found"
    for member, item in value.items():
        of_member = _member_rule(rule, member)
        if of_member is not None:
            yield from _value(of_member, item, f"{path}/{member}", root)
        elif closed:
            yield path, f"Unsupported property [{member}]"


def _member_rule(rule: _Schema, member: str) -> _Schema | None:
    known: dict[str, _Schema] = rule.get("properties") or {}
    patterns: dict[str, _Schema] = rule.get("patternProperties") or {}
    if member in known:
        return known[member]
    return next((it for pattern, it in patterns.items() if _matches(pattern, member)), None)


def _list(rule: _Schema, value: list[Any], path: str, root: _Schema) -> Iterator[_Violation]:
    if len(value) < rule.get("minItems", 0):
        yield path, _CONSTRAINT.format("minItems")
    if len(value) > rule.get("maxItems", len(value)):
        yield path, _CONSTRAINT.format("maxItems")
    whole = [item for item in value if _UNKNOWN not in (item, *_inside(item))]
    if rule.get("uniqueItems") and any(item in whole[:position] for position, item in enumerate(whole)):
        yield path, f"#{path}: array items are not unique"
    for position, item in enumerate(value):
        if isinstance(rule.get("items"), dict):
            yield from _value(rule["items"], item, f"{path}/{position}", root)


def _scalar(rule: _Schema, value: Any, path: str) -> Iterator[_Violation]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    allowed = rule.get("enum")
    if allowed is not None and text not in {str(each) for each in allowed} and value not in allowed:
        listed = ", ".join(str(each) for each in allowed)
        yield path, f"{text} is not a valid enum value. Supported values: [{listed}]"
    if isinstance(value, str) and rule.get("type") == "string":
        if not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
            yield path, _CONSTRAINT.format("minLength" if len(value) < rule.get("minLength", 0) else "maxLength")
        if "pattern" in rule and not _matches(rule["pattern"], value):
            yield path, _CONSTRAINT.format("pattern")
    if rule.get("type") in ("integer", "number") and _NUMBER.fullmatch(text):
        if float(text) < rule.get("minimum", float("-inf")):
            yield path, _CONSTRAINT.format("minimum")
        if float(text) > rule.get("maximum", float("inf")):
            yield path, _CONSTRAINT.format("maximum")


def resolved(rule: _Schema, root: _Schema) -> _Schema:
    """The rule that a rule refers to, or itself."""
    while "$ref" in rule:
        found: Any = root
        for part in str(rule["$ref"]).removeprefix("#/").split("/"):
            found = found.get(part, {}) if isinstance(found, dict) else {}
        rule = found
    return rule


def _is_of_kind(kind: str, value: Any) -> bool:
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if isinstance(value, dict | list):
        return False
    if kind in ("integer", "number"):
        is_number = not isinstance(value, bool) and _NUMBER.fullmatch(str(value)) is not None
        return is_number and (kind == "number" or float(str(value)).is_integer())
    return kind != "boolean" or str(value).lower() in ("true", "false")


def _found(value: Any) -> str:
    return "JSONArray" if isinstance(value, list) else "JSONObject" if isinstance(value, dict) else "String"


def _inside(value: Any) -> Iterator[Any]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in below:
        yield item
        yield from _inside(item)


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:  # a pattern for Java that Python cannot read
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None
