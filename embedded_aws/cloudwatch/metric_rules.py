"""What CloudWatch refuses about data, statistics and states that are set by hand (API reference of each operation)."""

import json
from datetime import datetime
from typing import Any, Final

from embedded_aws.core.refusal import Refusal

_SHORT_PERIODS: Final = (1, 5, 10, 20, 30)
_MINUTE: Final = 60


def check_data(request: dict[str, Any]) -> None:
    """Refuse data in a namespace of AWS's own."""
    if str(request.get("Namespace", "")).startswith("AWS/"):
        message = "The value AWS/ for parameter Namespace is invalid."
        raise Refusal("CloudWatch", "InvalidParameterValue", message)


def check_statistics(request: dict[str, Any]) -> None:
    """Refuse a span that ends before it begins, and a period that no metric has."""
    period, start, end = request.get("Period"), _time(request.get("StartTime")), _time(request.get("EndTime"))
    if start is not None and end is not None and start >= end:
        message = "The parameter StartTime must be less than the parameter EndTime."
        raise Refusal("CloudWatch", "InvalidParameterCombination", message)
    if isinstance(period, int) and period % _MINUTE and period not in _SHORT_PERIODS:
        message = f"The parameter Period must be a multiple of 60, or one of 1, 5, 10, 20 and 30: {period}"
        raise Refusal("CloudWatch", "InvalidParameterValue", message)


def check_state(request: dict[str, Any]) -> None:
    """Refuse data of a reason that is no JSON."""
    try:
        json.loads(request.get("StateReasonData") or "{}")
    except ValueError:
        raise Refusal("CloudWatch", "InvalidFormat", "StateReasonData was not syntactically valid JSON.") from None


def _time(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
