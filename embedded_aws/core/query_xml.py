"""Writes an answer in the query protocol, by botocore's model of the operation."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, Shape, StructureShape

from embedded_aws.core.models import service_model


def result_xml(service: str, operation: str, answer: dict[str, Any]) -> str:
    """The content of an operation's result element; members that the model does not have are left out."""
    shape: Any = service_model(service).operation_model(operation).output_shape
    return _members(shape, answer)


def _members(shape: StructureShape, value: dict[str, Any]) -> str:
    written = []
    for name, member in shape.members.items():
        if value.get(name) is not None:
            tag = member.serialization.get("name", name)
            written.append(f"<{tag}>{_value(member, value[name])}</{tag}>")
    return "".join(written)


def _value(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        tag = shape.member.serialization.get("name", "member")
        return "".join(f"<{tag}>{_value(shape.member, item)}</{tag}>" for item in value)
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds")
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
