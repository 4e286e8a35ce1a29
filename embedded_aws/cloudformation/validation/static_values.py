"""Values in a template that are known before a deployment: texts, parameters and functions of them."""

import copy
from collections.abc import Callable, Collection
from typing import Any, Final

from embedded_aws.cloudformation import emulator

# A value that is known only after the deployment: from another resource or stack, or a secret.
UNKNOWN: Final = object()
# A property that the template removes (``AWS::NoValue``).
REMOVED: Final = object()

# Functions whose value follows from parameters, mappings and conditions.
_STATIC: Final = frozenset(
    {"Ref", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Base64"}
)
_PSEUDO: Final = "AWS::"
_DYNAMIC_REFERENCE: Final = "{{resolve:"

Record = dict[str, Any]


def static(value: Any, resolve: Callable[[Any], Any], known: Collection[str]) -> Any:
    """Resolve a value as far as it is known.

    Args:
        resolve: returns the value of a template function without references to resources.
        known: names of the template's parameters.
    """
    if isinstance(value, str):
        return UNKNOWN if _DYNAMIC_REFERENCE in value else value
    if isinstance(value, list):
        items = [static(item, resolve, known) for item in value]
        return [item for item in items if item is not REMOVED]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) and (name == "Ref" or name.startswith("Fn::")):
        return _function_value(name, value, resolve, known)
    members = {name: static(item, resolve, known) for name, item in value.items()}
    return {name: item for name, item in members.items() if item is not REMOVED}


def _function_value(name: str, value: Record, resolve: Callable[[Any], Any], known: Collection[str]) -> Any:
    if value == {"Ref": "AWS::NoValue"}:
        return REMOVED
    if name not in _STATIC or _has_references(value, known):
        return UNKNOWN
    if "Fn::GetStackOutput" in str(value) or "Fn::ImportValue" in str(value) or _DYNAMIC_REFERENCE in str(value):
        return UNKNOWN
    try:
        resolved = resolve(copy.deepcopy(value))
        return REMOVED if resolved is emulator.no_value else static(resolved, resolve, known)
    except (ValueError, KeyError, TypeError, IndexError):  # a function that the emulator cannot evaluate yet
        return UNKNOWN


def _has_references(value: Record, known: Collection[str]) -> bool:
    named = (name for name, _ in emulator.intrinsic_references(value))
    return any(name not in known and not name.startswith(_PSEUDO) for name in named)
