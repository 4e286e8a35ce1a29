"""What EventBridge Scheduler refuses about schedules (API reference, CreateSchedule; localstack #9284)."""

import json
from functools import cache, partial
from typing import Any
from zoneinfo import available_timezones

from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_scheduler_schedule

_refusal = partial(Refusal, "Scheduler", "ValidationException")


def check_schedule(request: dict[str, Any]) -> None:
    """Refuse a time that is none, and an input that its target could not read.

    Raises:
        Refusal: expression, time zone, window or input are not as documented; of the last three only the code is.
    """
    expression = str(request.get("ScheduleExpression", ""))
    if not is_scheduler_schedule(expression):
        raise _refusal(f"Invalid Schedule Expression {expression}.")
    zone = request.get("ScheduleExpressionTimezone")
    if zone and _zones() and zone not in _zones():
        raise _refusal(f"Invalid Schedule Expression Timezone {zone}.")
    window = request.get("FlexibleTimeWindow") or {}
    if window.get("Mode") == "FLEXIBLE" and not window.get("MaximumWindowInMinutes"):
        raise _refusal("FlexibleTimeWindow.MaximumWindowInMinutes is required in the mode FLEXIBLE.")
    target = request.get("Target") or {}
    if str(target.get("Arn", "")).startswith("arn:aws:scheduler:::aws-sdk:"):
        try:
            json.loads(target.get("Input") or "{}")
        except ValueError:
            raise _refusal("The Input of a universal target must be valid JSON.") from None


@cache
def _zones() -> frozenset[str]:
    """Of this machine's database; empty where it has none."""
    return frozenset(available_timezones())
