"""Validates values against JSON schemas with the keywords of cfn-lint's schemas; numbers and booleans may be strings.

A keyword allows each value of a type that it is not about, as in JSON Schema; an unknown keyword is an error.
"""

import re
from collections.abc import Callable, Mapping
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
    """Whether a value is valid by the schema.

    Raises:
        KeyError: the schema has an unknown keyword.
    """
    if isinstance(schema, bool):
        return schema
    if "if" in schema and not fits(schema.get("then" if fits(schema["if"], value) else "else", True), value):
        return False
    if schema.get("additionalProperties") is False and isinstance(value, dict) and value.keys() - schema["properties"]:
        return False
    return all(
        _KEYWORDS[keyword](asked, value)
        for keyword, asked in schema.items()
        if keyword != "if" and keyword not in _ANNOTATIONS
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_equal(asked: Any, value: Any) -> bool:
    scalars = not isinstance(asked, dict | list) and not isinstance(value, dict | list)
    return bool(asked == value) or (scalars and _text(asked) == _text(value))


def _is_of_kind(kinds: str | list[str], value: Any) -> bool:
    named = [kinds] if isinstance(kinds, str) else kinds
    return any(isinstance(value, _KINDS[kind]) for kind in named)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool) and _NUMBER.fullmatch(str(value))
    return float(value) if is_number else None


def _number_keyword(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def fit(asked: float, value: Any) -> bool:
        number = _number(value)
        return number is None or holds(number, asked)

    return fit


def _kind_keyword(kind: type, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda asked, value: not isinstance(value, kind) or holds(asked, value)


def _different(items: list[Any]) -> bool:
    return not any(item in items[:position] for position, item in enumerate(items))


def _depend(asked: Mapping[str, list[str]], value: dict[str, Any], *, present: bool) -> bool:
    return all((other in value) is present for name, others in asked.items() if name in value for other in others)


_KEYWORDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "allOf": lambda asked, value: all(fits(it, value) for it in asked),
    "anyOf": lambda asked, value: any(fits(it, value) for it in asked),
    "const": _is_equal,
    "contains": _kind_keyword(list, lambda asked, value: any(fits(asked, item) for item in value)),
    "dependentExcluded": _kind_keyword(dict, lambda asked, value: _depend(asked, value, present=False)),
    "dependentRequired": _kind_keyword(dict, lambda asked, value: _depend(asked, value, present=True)),
    "enum": lambda asked, value: any(_is_equal(it, value) for it in asked),
    "items": _kind_keyword(list, lambda asked, value: all(fits(asked, item) for item in value)),
    "maximum": _number_keyword(lambda number, asked: number <= asked),
    "maxItems": _kind_keyword(list, lambda asked, value: len(value) <= asked),
    "maxLength": _kind_keyword(str, lambda asked, value: len(value) <= asked),
    "minimum": _number_keyword(lambda number, asked: number >= asked),
    "minItems": _kind_keyword(list, lambda asked, value: len(value) >= asked),
    "minLength": _kind_keyword(str, lambda asked, value: len(value) >= asked),
    "multipleOf": _number_keyword(lambda number, asked: number % asked == 0),
    "not": lambda asked, value: not fits(asked, value),
    "oneOf": lambda asked, value: sum(fits(it, value) for it in asked) == 1,
    "prefixItems": _kind_keyword(list, lambda asked, value: all(map(fits, asked, value))),
    "pattern": _kind_keyword(str, lambda asked, value: re.search(asked, value) is not None),
    "properties": _kind_keyword(
        dict, lambda asked, value: all(fits(asked[it], value[it]) for it in asked if it in value)
    ),
    "propertyNames": _kind_keyword(dict, lambda asked, value: all(fits(asked, name) for name in value)),
    "required": _kind_keyword(dict, lambda asked, value: all(name in value for name in asked)),
    "requiredOr": _kind_keyword(dict, lambda asked, value: any(name in value for name in asked)),
    "requiredXor": _kind_keyword(dict, lambda asked, value: sum(name in value for name in asked) == 1),
    "type": _is_of_kind,
    "uniqueItems": _kind_keyword(list, lambda asked, value: not asked or _different(value)),
}
