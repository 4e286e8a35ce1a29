"""Functions and pseudo parameters inside the conditions of a template, of which the emulator knows few; and booleans.

The CDK's bootstrap template tests by ``Fn::Join`` whether a list parameter is empty; without this its execution role
gets an empty policy instead of ``AdministratorAccess``.
"""

from contextvars import ContextVar
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item

_OPERATIONS: Final = ("CreateChangeSet", "CreateStack", "ExecuteChangeSet", "RollbackStack", "UpdateStack")
_LOGICAL: Final = {"Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}
# The stack of the request; the operation that it begins has a copy.
_stack_name: ContextVar[str] = ContextVar("hannibal_stack_of_conditions", default="")


def install(_context: ServerContext) -> None:
    """Resolve the values before the emulator evaluates the conditions, and write booleans as CloudFormation does."""
    emulator.evaluate_conditions.wrap_everywhere(_evaluate)
    emulator.resolve_references.wrap_everywhere(_write_booleans)
    for action in _OPERATIONS:
        wrap_item(emulator.actions, action, _with_stack)
    for operation in ("create", "update"):
        wrap_item(emulator.resource_handlers["AWS::CloudFormation::Stack"], operation, _nested)


def _with_stack(original: Original, params: dict[str, Any]) -> Response:
    named = emulator.named_change_set(params) or emulator.named_stack(params) or {}
    token = _stack_name.set(named.get("StackName") or emulator.parameter(params, "StackName"))
    try:
        return original(params)
    finally:
        _stack_name.reset(token)


def _nested(original: Function, *arguments: Any) -> Any:
    """Make a nested stack, whose name only the emulator knows: its conditions see an empty one, not its parent's."""
    token = _stack_name.set("")
    try:
        return original(*arguments)
    finally:
        _stack_name.reset(token)


def _write_booleans(original: Function, value: Any, *context: Any) -> Any:
    """Write booleans in joined and substituted texts in lower case, as JSON does."""
    if isinstance(value, dict) and len(value) == 1:
        name, arguments = next(iter(value.items()))
        if name in {"Fn::Join", "Fn::Sub"} and isinstance(arguments, list) and len(arguments) > 1:
            return original({name: [arguments[0], _as_texts(arguments[1], *context)]}, *context)
    return original(value, *context)


def _as_texts(values: Any, *context: Any) -> Any:
    resolved = emulator.resolve_references(values, *context)
    if isinstance(resolved, dict):
        return {name: _as_text(one) for name, one in resolved.items()}
    return [_as_text(one) for one in resolved] if isinstance(resolved, list) else resolved


def _as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _evaluate(original: Function, template: dict[str, Any], parameters: dict[str, Any]) -> Any:
    """Evaluate the conditions. Raises ValueError: they name no condition, one another, or have wrong arguments."""
    mappings = template.get("Mappings") or {}
    named = template.get("Conditions") or {}
    try:
        conditions = {name: resolve_values(condition, parameters, mappings) for name, condition in named.items()}
        return original({**template, "Conditions": conditions}, parameters)
    except (AttributeError, LookupError, RecursionError, TypeError):  # only the rules are documented
        raise ValueError("Template format error: the conditions of the template cannot be evaluated.") from None


def resolve_values(expression: Any, parameters: dict[str, Any], mappings: dict[str, Any]) -> Any:
    """Replace the values that a condition compares by what they are: references, joins, mappings, splits."""
    if isinstance(expression, list):
        return [resolve_values(item, parameters, mappings) for item in expression]
    if not isinstance(expression, dict) or expression.get("Ref") in parameters:
        return expression
    if expression.keys() <= _LOGICAL:
        return {name: resolve_values(item, parameters, mappings) for name, item in expression.items()}
    name = _stack_name.get()
    stack_id = (emulator.stacks.get(name) or {}).get("StackId") or _new_id(name)
    return emulator.resolve_references(expression, {}, parameters, {}, mappings, name, stack_id)


def _new_id(name: str) -> Any:
    """The id of a stack that is not made yet, without its last part."""
    arn = f"arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{name}/"
    return emulator.resolve_references({"Fn::Sub": arn}, {}, {}, {}, {}, "", "")
