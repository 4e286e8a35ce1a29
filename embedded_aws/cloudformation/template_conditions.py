"""``Fn::Join`` inside the conditions of a template, which the emulator leaves unresolved.

The CDK's bootstrap template tests with it whether a list parameter is empty; without this its execution role gets
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
    conditions = resolve_joins(template.get("Conditions") or {}, parameters, template.get("Mappings") or {})
    return original({**template, "Conditions": conditions}, parameters)


def resolve_joins(expression: Any, parameters: dict[str, Any], mappings: dict[str, Any]) -> Any:
    """Replace each ``Fn::Join`` in conditions, or in a part of one, by its text."""
    if isinstance(expression, list):
        return [resolve_joins(item, parameters, mappings) for item in expression]
    if not isinstance(expression, dict):
        return expression
    if "Fn::Join" in expression:
        return emulator.resolve_references(expression, {}, parameters, {}, mappings, "", "")
    return {name: resolve_joins(item, parameters, mappings) for name, item in expression.items()}
