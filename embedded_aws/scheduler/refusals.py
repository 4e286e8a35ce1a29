"""EventBridge Scheduler's refusals of schedules (API reference, CreateSchedule; localstack #9284)."""

import json
from functools import cache, partial
from typing import Any, Final
from zoneinfo import available_timezones

from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_scheduler_schedule

# "If you are configuring a templated Lambda, Step Functions or EventBridge target, the input must be well-formed JSON."
_OF_JSON: Final = tuple(f"arn:aws:{service}:" for service in ("scheduler", "lambda", "states", "events"))
_refusal = partial(Refusal, "Scheduler", "ValidationException")


def check_schedule(request: dict[str, Any]) -> None:
    """Refuse an invalid schedule expression or time zone, and an input that its target could not read.

    Raises:
        Refusal: expression, time zone or input are not as documented; for the last two, only the code is documented.
    """
    expression = str(request.get("ScheduleExpression", ""))
    if not is_scheduler_schedule(expression):
        raise _refusal(f"Invalid Schedule Expression {expression}.")
    zone = request.get("ScheduleExpressionTimezone")
    if zone and _zones() and zone not in _zones():
        raise _refusal(f"Invalid Schedule Expression Timezone {zone}.")
    begin, end = request.get("StartDate"), request.get("EndDate")
    if isinstance(begin, str) and isinstance(end, str) and begin >= end:
        raise _refusal("The StartDate you specify must be earlier than the EndDate.")
    target = request.get("Target") or {}
    if str(target.get("Arn", "")).startswith(_OF_JSON):
        try:
            json.loads(target.get("Input") or "{}")
        except ValueError:
            raise _refusal("The Input of this target must be valid JSON.") from None


@cache
def _zones() -> frozenset[str]:
    """The time zones of this machine's database; empty if it has none."""
    return frozenset(available_timezones())
