"""What EventBridge refuses about rules (API reference, PutRule)."""

from typing import Any

from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_rule_schedule


def check_rule(request: dict[str, Any]) -> None:
    """Refuse a rule without a time and a pattern, or with a time that is none."""
    expression = request.get("ScheduleExpression")
    if expression and not is_rule_schedule(str(expression)):
        raise Refusal("EventBridge", "ValidationException", "Parameter ScheduleExpression is not valid.")
    if not expression and not request.get("EventPattern"):
        message = "Parameter(s) EventPattern or ScheduleExpression must be specified."
        raise Refusal("EventBridge", "ValidationException", message)
