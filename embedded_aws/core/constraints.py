"""Checks requests against AWS's service models: sizes, numbers, patterns and enumerations.

A service checks them first, and lists all violations. SDKs check the lower bounds only.
The messages are those of AWS's service framework, such as ``1 validation error detected: Value 'x' at 'name' failed to
satisfy constraint: Member must have length greater than or equal to 3``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from embedded_aws.core.models import input_shape

_ECR: Final = "ecr"  # has its own messages
_NUMBERS: Final = ("integer", "long", "float", "double")
# Java's syntax and its equivalent in Python; a wider class where there is no exact one.
_TRANSLATED: Final = (
    (r"\p{L}", r"\w"),
    (r"\p{N}", r"\d"),
    (r"\p{Z}", r"\s"),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A constraint of the model that a request violates."""

    path: str  # path of the value, like resourceIds.1.member
    shown: str  # the value as an error shows it; empty where the model calls it sensitive
    constraint: str  # like "must have length less than or equal to 100"
    pattern: str = ""  # the pattern that the value does not match, if the constraint is one


def broken_constraints(service: str, operation: str, request: dict[str, Any]) -> str | None:
    """The error of AWS's service framework for a request that violates botocore's model; None for a valid request."""
    if service == _ECR:
        first = next(breaches(service, operation, request), None)
        if first is None:
            return None
        words = f"must satisfy regular expression '{first.pattern}'" if first.pattern else first.constraint
        return f"Invalid parameter at '{first.path}' failed to satisfy constraint: '{words}'"
    violations = [
        f"Value{it.shown} at '{it.path}' failed to satisfy constraint: Member {it.constraint}"
        for it in breaches(service, operation, request)
    ]
    if not violations:
        return None
    count = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
    return f"{count} detected: {'; '.join(violations)}"


def has_wrong_kinds(service: str, operation: str, request: dict[str, Any]) -> bool:
    """Whether a request has a structure, a map, a list or a single value in place of another: services refuse it."""
    shape = input_shape(service, operation)
    return shape is not None and _is_of_wrong_kind(request, shape)


def _is_of_wrong_kind(value: Any, shape: Shape) -> bool:
    if value is None or getattr(shape, "is_document_type", False):
        return False
    if isinstance(shape, ListShape):
        return not isinstance(value, list) or any(_is_of_wrong_kind(item, shape.member) for item in value)
    if isinstance(shape, MapShape):
        return not isinstance(value, dict) or any(_is_of_wrong_kind(item, shape.value) for item in value.values())
    if isinstance(shape, StructureShape):
        members = shape.members.items()
        return not isinstance(value, dict) or any(_is_of_wrong_kind(value.get(name), it) for name, it in members)
    return isinstance(value, dict | list)


def breaches(service: str, operation: str, request: dict[str, Any]) -> Iterator[Broken]:
    """The constraints that a request violates; the arguments are those of `broken_constraints`."""
    shape = input_shape(service, operation)
    return _violations(request, shape, "") if shape is not None else iter(())


def _violations(value: Any, shape: Shape, path: str) -> Iterator[Broken]:
    yield from _value_violations(value, shape, path)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _violations(value[name], member, f"{path}.{name[:1].lower()}{name[1:]}".lstrip("."))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _violations(item, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _violations(item, shape.value, f"{path}.{key}.member")


def _value_violations(value: Any, shape: Shape, path: str) -> Iterator[Broken]:
    number = shape.type_name in _NUMBERS and isinstance(value, int | float)
    if number:
        size, measure = value, "value"
    elif isinstance(value, str | list) and shape.type_name in ("string", "list"):
        size, measure = len(value), "length"
    else:
        return
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    text = f"[{', '.join(str(it) for it in value)}]" if isinstance(value, list) else str(value)
    shown_value = "" if shape.metadata.get("sensitive") else f" '{text}'"
    if maximum is not None and size > maximum:
        yield Broken(path=path, shown=shown_value, constraint=f"must have {measure} less than or equal to {maximum}")
    if minimum is not None and size < minimum:
        yield Broken(path=path, shown=shown_value, constraint=f"must have {measure} greater than or equal to {minimum}")
    if not isinstance(value, str):
        return
    pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        words = f"must satisfy regular expression pattern: {pattern}"
        yield Broken(path=path, shown=shown_value, constraint=words, pattern=pattern)
    if allowed and value not in allowed:
        yield Broken(path=path, shown=shown_value, constraint=f"must satisfy enum value set: [{', '.join(allowed)}]")


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern compiled; None where Python cannot read it."""
    flags = re.NOFLAG if r"\p{" in pattern else re.ASCII
    for java, python in _TRANSLATED:
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern, flags)
    except re.error:
        return None
