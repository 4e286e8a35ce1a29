"""Sizes of what a request holds: AWS refuses what is out of the range that its service model names.

A service does so before it looks at anything else, and lists all that it finds. SDKs check the lower bounds by
themselves, and nobody the upper ones.
The words are those of AWS's service framework, such as ``1 validation error detected: Value 'x' at 'name' failed to
satisfy constraint: Member must have length greater than or equal to 3``.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

_NUMBERS: Final = ("integer", "long", "float", "double")


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def out_of_range(service: str, operation: str, request: dict[str, Any]) -> str | None:
    """What AWS says of a request whose sizes are out of range; None where they are not.

    Args:
        service: as botocore names it, like ``codedeploy``.
        operation: of its model, like ``CreateApplication``; others are not looked at.
        request: what was sent.
    """
    model = _model(service)
    if operation not in model.operation_names:
        return None
    shape = model.operation_model(operation).input_shape
    found = list(_violations(request, shape, "")) if shape is not None else []
    if not found:
        return None
    count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return f"{count} detected: {'; '.join(found)}"


def _violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
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


def _own(value: Any, shape: Shape, path: str) -> Iterator[str]:
    number = shape.type_name in _NUMBERS
    if number:
        size, what = value, "value"
    elif isinstance(value, str | list) and shape.type_name in ("string", "list"):
        size, what = len(value), "length"
    else:
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    text = f"[{', '.join(str(it) for it in value)}]" if isinstance(value, list) else str(value)
    shown = "Value" if shape.metadata.get("sensitive") else f"Value '{text}'"
    said = f"{shown} at '{path}' failed to satisfy constraint: Member must have {what}"
    if most is not None and size > most:
        yield f"{said} less than or equal to {most}"
    if least is not None and size < least:
        yield f"{said} greater than or equal to {least}"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
