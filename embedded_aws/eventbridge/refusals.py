"""What EventBridge refuses about rules (API reference, PutRule), and about the targets that a template gives them.

The sentences about targets are those that cdk-preflight's rules of it quote.
"""

import json
from typing import Any

from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_rule_schedule


def check_rule(request: dict[str, Any]) -> None:
    """Refuse a rule without a time and a pattern, or with a time that is none, and a target with a wrong input."""
    expression = request.get("ScheduleExpression")
    if expression and not is_rule_schedule(str(expression)):
        raise Refusal("EventBridge", "ValidationException", "Parameter ScheduleExpression is not valid.")
    if not expression and not request.get("EventPattern"):
        message = "Parameter(s) EventPattern or ScheduleExpression must be specified."
        raise Refusal("EventBridge", "ValidationException", message)
    for target in request.get("Targets") or []:
        _check_input(target)


def _check_input(target: dict[str, Any]) -> None:
    name, text = target.get("Id"), target.get("Input")
    if sum(key in target for key in ("Input", "InputPath", "InputTransformer")) > 1:
        message = f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}"
        raise Refusal("EventBridge", "ValidationException", f"{message}.")
    try:
        json.loads(text if isinstance(text, str) else "{}")
    except ValueError:
        message = f"JSON syntax error in input for target {name}."
        raise Refusal("EventBridge", "ValidationException", message) from None
