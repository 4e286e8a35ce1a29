"""Converts a resource's properties into the request of the API operation that creates it."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from embedded_aws.core.models import input_shape


def request_of(service: str, operation: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A template's properties as the input of an operation in botocore's model; unknown ones are left out."""
    shape = input_shape(service, operation)
    return dict(_convert(properties, shape)) if shape is not None else {}


def _convert(value: Any, shape: Shape) -> Any:
    """A template's value in the API's form: names begin in lower case, numbers are numbers.

    Keys of maps, such as the options of a log driver, are not changed.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        known = [(members[key.lower()], item) for key, item in value.items() if key.lower() in members]
        return {name: _convert(item, member) for (name, member), item in known}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_convert(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _convert(item, shape.value) for key, item in value.items()}
    if shape.type_name in {"integer", "long"}:
        return int(value)
    if shape.type_name in {"float", "double"}:
        return float(value)
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    return str(value) if shape.type_name == "string" else value
