"""Converts the properties of resources, as their handlers do before they call a service."""

from typing import Any
from uuid import uuid4

from botocore.model import ListShape, MapShape, Shape, StructureShape
from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation.properties import resolved, violations
from embedded_aws.core.models import input_shape
from embedded_aws.core.patching import Function, wrap_item
from ops.templates.schemas import schema

_Schema = dict[str, Any]


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


def install() -> None:
    """Add these steps to the handlers that create and update resources."""
    for resource_type, handlers in emulator.resource_handlers.items():
        for operation in {"create", "update"} & handlers.keys():
            wrap_item(handlers, operation, _validate_model(resource_type))


def _validate_model(resource_type: str) -> Function:
    def call(original: Function, logical_id: str, *rest: Any) -> Any:
        found = schema(resource_type, get_region())
        if found is None:
            return original(logical_id, *rest)
        content = dict(found.content)
        arguments = [texts(content, it, content) if isinstance(it, dict) else it for it in rest]
        properties = [it for it in arguments if isinstance(it, dict)][-1]
        for path, reason in violations(content, properties):
            message = f"Model validation failed (#{path}: {reason})"
            raise ValueError(
                f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, '
                "HandlerErrorCode: InvalidRequest)"
            )
        return original(logical_id, *arguments)

    return call


def texts(rule: _Schema, value: Any, root: _Schema) -> Any:
    """A value with strings where the rule allows only strings; a copy if it is an object."""
    rule = resolved(rule, root)
    if isinstance(value, dict):
        known = rule.get("properties") or {}
        return {name: texts(known.get(name, {}), item, root) for name, item in value.items()}
    if isinstance(value, list):
        return [texts(rule.get("items") or {}, item, root) for item in value]
    if rule.get("type") == "string" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
