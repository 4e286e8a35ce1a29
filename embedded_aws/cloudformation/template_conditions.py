"""Functions and pseudo parameters inside the conditions of a template, of which the emulator knows few.

The CDK's bootstrap template tests by ``Fn::Join`` whether a list parameter is empty; without this its execution role
gets an empty policy instead of ``AdministratorAccess``.
"""

from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function

_LOGICAL: Final = {"Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}


def install(_context: ServerContext) -> None:
    """Resolve the values before the emulator evaluates the conditions."""
    emulator.evaluate_conditions.wrap_everywhere(_evaluate)


def _evaluate(original: Function, template: dict[str, Any], parameters: dict[str, Any]) -> Any:
    mappings = template.get("Mappings") or {}
    named = template.get("Conditions") or {}
    conditions = {name: resolve_values(condition, parameters, mappings) for name, condition in named.items()}
    return original({**template, "Conditions": conditions}, parameters)


def resolve_values(expression: Any, parameters: dict[str, Any], mappings: dict[str, Any]) -> Any:
    """Replace the values that a condition compares by what they are: references, joins, mappings, splits."""
    if isinstance(expression, list):
        return [resolve_values(item, parameters, mappings) for item in expression]
    if not isinstance(expression, dict) or expression.get("Ref") in parameters:
        return expression
    if expression.keys() <= _LOGICAL:
        return {name: resolve_values(item, parameters, mappings) for name, item in expression.items()}
    return emulator.resolve_references(expression, {}, parameters, {}, mappings, "", "")
