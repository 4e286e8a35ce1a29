"""The steps of a resource's handler before it calls the service: it converts numbers to strings and checks the schema.

The early validation has only the template; here all values are known, and some operations skip early validation.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation.properties import violations
from embedded_aws.core.patching import Function, wrap_item
from ops.templates.schemas import schema

Schema = Mapping[str, Any]


def install() -> None:
    """Add these steps to the handlers that create and update resources."""
    for resource_type, handlers in emulator.resource_handlers.items():
        for operation in {"create", "update"} & handlers.keys():
            wrap_item(handlers, operation, _validate_model(resource_type))


def _validate_model(resource_type: str) -> Function:
    def call(original: Function, first: str, *rest: Any) -> Any:
        found = schema(resource_type, get_region())
        if found is None:
            return original(first, *rest)
        given = [texts(found.content, it, found.content) if isinstance(it, dict) else it for it in rest]
        properties = [it for it in given if isinstance(it, dict)][-1]
        for path, reason in violations(dict(found.content), properties):
            message = f"Model validation failed (#{path}: {reason})"
            raise ValueError(
                f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, '
                "HandlerErrorCode: InvalidRequest)"
            )
        return original(first, *given)

    return call


def texts(rule: Schema, value: Any, root: Schema) -> Any:
    """A value with strings where the rule allows only strings; a copy if it is an object."""
    while "$ref" in rule:
        found: Any = root
        for part in str(rule["$ref"]).removeprefix("#/").split("/"):
            found = found.get(part, {})
        rule = found
    if isinstance(value, dict):
        known = rule.get("properties") or {}
        return {name: texts(known.get(name, {}), item, root) for name, item in value.items()}
    if isinstance(value, list):
        return [texts(rule.get("items") or {}, item, root) for item in value]
    if rule.get("type") == "string" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
