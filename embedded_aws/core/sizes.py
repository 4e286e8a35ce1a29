"""Sizes of what a request holds: AWS refuses what is out of the range that its service model names.

A service does so before it looks at anything else, and lists all that it finds. SDKs check the lower bounds by
themselves, and nobody the upper ones.
The words are those of AWS's service framework, such as ``1 validation error detected: Value 'x' at 'name' failed to
satisfy constraint: Member must have length greater than or equal to 3``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from embedded_aws.core.models import service_model

_NUMBERS: Final = ("integer", "long", "float", "double")


@dataclass(frozen=True, kw_only=True)
class OutOfRange:
    """A value of a request that is out of range."""

    path: str  # to it, like resourceIds.1.member
    shown: str  # the value as an error shows it; empty where the model calls it sensitive
    constraint: str  # that it breaks, like "must have length less than or equal to 100"

    @property
    def as_framework_says(self) -> str:
        """The words of AWS's service framework."""
        return f"Value{self.shown} at '{self.path}' failed to satisfy constraint: Member {self.constraint}"


def out_of_range(service: str, operation: str, request: dict[str, Any]) -> str | None:
    """What AWS says of a request whose sizes are out of range; None where they are not.

    Args:
        service: as botocore names it, like ``codedeploy``.
        operation: of its model, like ``CreateApplication``; others are not looked at.
        request: what was sent.
    """
    found = [it.as_framework_says for it in _all(service, operation, request)]
    if not found:
        return None
    count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return f"{count} detected: {'; '.join(found)}"


def first_out_of_range(service: str, operation: str, request: dict[str, Any]) -> OutOfRange | None:
    """The first of these; None where there is none. The arguments are those of `out_of_range`."""
    return next(_all(service, operation, request), None)


def _all(service: str, operation: str, request: dict[str, Any]) -> Iterator[OutOfRange]:
    model = service_model(service)
    if operation not in model.operation_names:
        return
    shape = model.operation_model(operation).input_shape
    if shape is not None:
        yield from _violations(request, shape, "")


def _violations(value: Any, shape: Shape, path: str) -> Iterator[OutOfRange]:
    yield from _own(value, shape, path)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _violations(value[name], member, _joined(path, name[:1].lower() + name[1:]))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _violations(item, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _violations(item, shape.value, f"{path}.{key}.member")


def _own(value: Any, shape: Shape, path: str) -> Iterator[OutOfRange]:
    number = shape.type_name in _NUMBERS
    if number:
        size, what = value, "value"
    elif isinstance(value, str | list) and shape.type_name in ("string", "list"):
        size, what = len(value), "length"
    else:
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    text = f"[{', '.join(str(it) for it in value)}]" if isinstance(value, list) else str(value)
    shown = "" if shape.metadata.get("sensitive") else f" '{text}'"
    if most is not None and size > most:
        yield OutOfRange(path=path, shown=shown, constraint=f"must have {what} less than or equal to {most}")
    if least is not None and size < least:
        yield OutOfRange(path=path, shown=shown, constraint=f"must have {what} greater than or equal to {least}")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
