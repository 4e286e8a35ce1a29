"""``Fn::Join`` inside the conditions of a template, which the emulator leaves unresolved.

The bootstrap template of the CDK asks that way whether a list parameter is empty; without this its execution role gets
an empty policy instead of ``AdministratorAccess``.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function


def install(_context: ServerContext) -> None:
    """Resolve joins before the emulator evaluates the conditions."""
    emulator.evaluate_conditions.wrap_everywhere(_evaluate)


def _evaluate(original: Function, template: dict[str, Any], parameters: dict[str, Any]) -> Any:
    values = {name: str(parameter["Value"]) for name, parameter in parameters.items()}
    conditions = {name: resolve_joins(it, values) for name, it in (template.get("Conditions") or {}).items()}
    return original({**template, "Conditions": conditions}, parameters)


def resolve_joins(expression: Any, values: dict[str, str]) -> Any:
    """Replace each ``Fn::Join`` of texts and references to parameters by its text.

    Args:
        expression: a condition, or a part of one.
        values: of the parameters; a list parameter is one text with commas.
    """
    if isinstance(expression, list):
        return [resolve_joins(item, values) for item in expression]
    if not isinstance(expression, dict):
        return expression
    if "Fn::Join" in expression:
        separator, parts = expression["Fn::Join"]
        texts = _texts(parts, values)
        return expression if texts is None else separator.join(texts)
    return {name: resolve_joins(item, values) for name, item in expression.items()}


def _texts(parts: Any, values: dict[str, str]) -> list[str] | None:
    """Resolve the parts of a join; none where it has other functions in it, which conditions rarely have."""
    if isinstance(parts, dict):  # a reference to a list parameter in place of the list
        return values.get(parts.get("Ref", ""), "").split(",")
    texts = [part if isinstance(part, str) else values.get(part.get("Ref", "")) for part in parts]
    return None if None in texts else [str(text) for text in texts]
