"""What CloudWatch refuses about spans of time and states that are set by hand (its API reference)."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from embedded_aws.core.refusal import Refusal

_refused = partial(Refusal, "CloudWatch")


def check_statistics(request: dict[str, Any]) -> None:
    """Refuse a span that ends before it begins."""
    start, end = _time(request.get("StartTime")), _time(request.get("EndTime"))
    if start is not None and end is not None and start >= end:
        raise _refused(
            "InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime."
        )


def check_state(request: dict[str, Any]) -> None:
    """Refuse data of a reason that is no JSON."""
    try:
        json.loads(request.get("StateReasonData") or "{}")
    except ValueError:
        raise _refused("InvalidFormat", "StateReasonData was not syntactically valid JSON.") from None


def _time(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
