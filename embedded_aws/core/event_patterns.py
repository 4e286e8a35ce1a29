"""Checks event patterns (EventBridge user guide, "Comparison operators") and SNS's filters, in event-ruler's words."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_OPERATORS: Final = ("<", "<=", "=", ">", ">=")
_MASK: Final = re.compile(r"[+-]?[0-9]{1,9}")  # a number of 32 bits
_AFFIXES: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")


def broken_pattern(pattern: Any) -> Iterator[str]:
    """The errors in a pattern that was parsed from JSON."""
    if not isinstance(pattern, dict):
        yield "Filter is not an object"
        return
    if not pattern:
        yield "Empty objects are not allowed"
    for name, value in pattern.items():
        patterns = value if name == "$or" and isinstance(value, list) else [value] if isinstance(value, dict) else None
        if patterns is not None:
            yield from (said for each in patterns for said in broken_pattern(each))
        elif not isinstance(value, list):
            yield f'"{name}" must be an object or an array'
        else:
            yield from (said for item in value for said in _item_problems(item))
            if not value:
                yield "Empty arrays are not allowed"


def _item_problems(item: Any) -> Iterator[str]:
    if isinstance(item, list):
        yield "Match value must be String, number, true, false, or null"
    elif isinstance(item, dict):
        if len(item) != 1:
            yield "Only one key allowed in match expression"
        for name, value in item.items():
            rule = _RULES.get(name)
            said = rule(name, value) if rule else f"Unrecognized match type {name}"
            if said:
                yield said


def _exists(_name: str, value: Any) -> str | None:
    return None if isinstance(value, bool) else "exists match pattern must be either true or false."


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, dict) and set(value) == {"equals-ignore-case"} and name in ("prefix", "suffix"):
        value = value["equals-ignore-case"]
    if isinstance(value, list) and value:
        return next((said for item in value if (said := _text(name, item))), None)
    return None if isinstance(value, str) else f"{name} match pattern must be a string"


def _numeric(_name: str, value: Any) -> str | None:
    if not isinstance(value, list) or not value or len(value) % 2:
        return "Invalid numeric match: it must be an array of operators and numbers"
    for operator, number in zip(value[::2], value[1::2], strict=True):
        if operator not in _OPERATORS:
            return f"Unrecognized numeric range operator: {operator}"
        if isinstance(number, bool) or not isinstance(number, int | float):
            return f"Value of {operator} must be numeric"
    return None


def _cidr(_name: str, value: Any) -> str | None:
    address, slash, mask = str(value).partition("/")
    if not slash or not mask or "/" in mask:
        return "Malformed CIDR, one '/' required"
    if not _MASK.fullmatch(mask):
        return "Malformed CIDR, mask bits must be an integer"
    if int(mask) < 0:
        return "Malformed CIDR, mask bits must not be negative"
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return f"Nonstandard IP address: {address}"
    most = {4: 32, 6: 128}[version]  # a single address is written without a mask, as a plain value
    return None if int(mask) < most else f"IPv{version} mask bits must be < {most}"


def _anything_but(_name: str, value: Any) -> str | None:
    if isinstance(value, dict):
        if set(value) - set(_AFFIXES) or len(value) != 1:
            return f"Unsupported anything-but pattern: {', '.join(value)}"
        return next((said for name, text in value.items() if (said := _text(name, text))), None)
    kinds = {isinstance(item, str) for item in value} if isinstance(value, list) else {True}
    return (
        None
        if len(kinds) == 1
        else "Inside anything but list, either all values are number or string, mixed type is not supported"
    )


_RULES: Final[Mapping[str, Callable[[str, Any], str | None]]] = {
    **dict.fromkeys(_AFFIXES, _text),
    "anything-but": _anything_but,
    "cidr": _cidr,
    "exists": _exists,
    "numeric": _numeric,
}
