"""Validates values against JSON schemas with the keywords of cfn-lint's schemas; numbers and booleans may be strings.

A keyword allows each value of a type that it is not about, as in JSON Schema; an unknown keyword is an error.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import UnionType
from typing import Any, Final

Schema = Mapping[str, Any] | bool
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str, int, float, bool),
}
_ANNOTATIONS: Final = frozenset({"$comment", "additionalProperties", "description", "else", "then"})


def fits(schema: Schema, value: Any) -> bool:
    """Whether a value is valid by the schema. Raises KeyError: the schema has an unknown keyword."""
    if isinstance(schema, bool):
        return schema
    if "if" in schema and not fits(schema.get("then" if fits(schema["if"], value) else "else", True), value):
        return False
    if schema.get("additionalProperties") is False and isinstance(value, dict) and value.keys() - schema["properties"]:
        return False
    return all(
        _KEYWORDS[keyword](expected, value)
        for keyword, expected in schema.items()
        if keyword != "if" and keyword not in _ANNOTATIONS
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_equal(expected: Any, value: Any) -> bool:
    scalars = not isinstance(expected, dict | list) and not isinstance(value, dict | list)
    return bool(expected == value) or (scalars and _text(expected) == _text(value))


def _is_of_kind(kinds: str | list[str], value: Any) -> bool:
    named = [kinds] if isinstance(kinds, str) else kinds
    return any(isinstance(value, _KINDS[kind]) for kind in named)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool) and _NUMBER.fullmatch(str(value))
    return float(value) if is_number else None


def _number_keyword(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def fit(expected: float, value: Any) -> bool:
        number = _number(value)
        return number is None or holds(number, expected)

    return fit


def _kind_keyword(kind: type | UnionType, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda expected, value: not isinstance(value, kind) or holds(expected, value)


def _are_ordered(values: list[Any]) -> bool:
    """Whether no number is greater than the next one; of those that are missing nothing is known."""
    return all(
        first <= then for first, then in pairwise(map(_number, values)) if first is not None and then is not None
    )


def _has(value: dict[str, Any], name: str) -> bool:
    """Whether an object has a member; in AWS's protocols, null stands for none."""
    return value.get(name) is not None


def _depend(expected: Mapping[str, list[str]], value: dict[str, Any], *, present: bool) -> bool:
    return all(_has(value, it) is present for name, others in expected.items() if _has(value, name) for it in others)


_KEYWORDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "allOf": lambda expected, value: all(fits(it, value) for it in expected),
    "anyOf": lambda expected, value: any(fits(it, value) for it in expected),
    "const": _is_equal,
    "contains": _kind_keyword(list, lambda expected, value: any(fits(expected, item) for item in value)),
    "containsAtMostOnce": _kind_keyword(list, lambda expected, value: sum(fits(expected, it) for it in value) <= 1),
    "dependentExcluded": _kind_keyword(dict, lambda expected, value: _depend(expected, value, present=False)),
    "dependentRequired": _kind_keyword(dict, lambda expected, value: _depend(expected, value, present=True)),
    "enum": lambda expected, value: any(_is_equal(it, value) for it in expected),
    "items": _kind_keyword(list, lambda expected, value: all(fits(expected, item) for item in value)),
    "maximum": _number_keyword(lambda number, expected: number <= expected),
    "maxItems": _kind_keyword(list, lambda expected, value: len(value) <= expected),
    "maxLength": _kind_keyword(str, lambda expected, value: len(value) <= expected),
    "minimum": _number_keyword(lambda number, expected: number >= expected),
    "minItems": _kind_keyword(list, lambda expected, value: len(value) >= expected),
    "minLength": _kind_keyword(str, lambda expected, value: len(value) >= expected),
    "multipleOf": _number_keyword(lambda number, expected: number % expected == 0),
    "not": lambda expected, value: not fits(expected, value),
    "oneOf": lambda expected, value: sum(fits(it, value) for it in expected) == 1,
    "ordered": _kind_keyword(dict, lambda expected, value: _are_ordered([value.get(name) for name in expected])),
    "prefixItems": _kind_keyword(list, lambda expected, value: all(map(fits, expected, value))),
    "pattern": _kind_keyword(str | bool, lambda expected, value: re.search(expected, _text(value)) is not None),
    "properties": _kind_keyword(
        dict, lambda expected, value: all(fits(expected[it], value[it]) for it in expected if it in value)
    ),
    "propertyNames": _kind_keyword(dict, lambda expected, value: all(fits(expected, name) for name in value)),
    "required": _kind_keyword(dict, lambda expected, value: all(_has(value, name) for name in expected)),
    "requiredOr": _kind_keyword(dict, lambda expected, value: any(_has(value, name) for name in expected)),
    "requiredXor": _kind_keyword(dict, lambda expected, value: sum(_has(value, name) for name in expected) == 1),
    "type": _is_of_kind,
    "uniqueItems": _kind_keyword(
        list, lambda expected, value: not expected or not any(it in value[:n] for n, it in enumerate(value))
    ),
}
