"""What CloudWatch refuses about data, statistics, states that are set by hand and dashboards (its API reference)."""

import json
import re
from datetime import datetime
from functools import partial
from typing import Any, Final

from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal

_refused = partial(Refusal, "CloudWatch")
_SHORT_PERIODS: Final = (1, 5, 10, 20, 30)
_MINUTE: Final = 60
_DASHBOARD: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


def check_data(request: dict[str, Any]) -> None:
    """Refuse data in a namespace of AWS's own."""
    if str(request.get("Namespace", "")).startswith("AWS/"):
        raise _refused("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")


def check_statistics(request: dict[str, Any]) -> None:
    """Refuse a span that ends before it begins, and a period that no metric has."""
    period, start, end = request.get("Period"), _time(request.get("StartTime")), _time(request.get("EndTime"))
    if start is not None and end is not None and start >= end:
        raise _refused(
            "InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime."
        )
    if isinstance(period, int) and period % _MINUTE and period not in _SHORT_PERIODS:
        raise _refused(
            "InvalidParameterValue",
            f"The parameter Period must be a multiple of 60, or one of 1, 5, 10, 20 and 30: {period}",
        )


def check_state(request: dict[str, Any]) -> None:
    """Refuse data of a reason that is no JSON."""
    try:
        json.loads(request.get("StateReasonData") or "{}")
    except ValueError:
        raise _refused("InvalidFormat", "StateReasonData was not syntactically valid JSON.") from None


def check_dashboard(request: dict[str, Any]) -> None:
    """Refuse names of other characters than letters, digits, - and _, and bodies that are no object with widgets.

    Source: API reference, PutDashboard, InvalidParameterInput.
    """
    name = request.get("DashboardName")
    if name is not None and not _DASHBOARD.fullmatch(str(name)):
        raise _refused(
            "InvalidParameterInput",
            f"The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, "
            "dash (-) and underscore (_).",
        )
    content = json_object(request.get("DashboardBody"))
    if content is None:
        raise _refused("InvalidParameterInput", "The field DashboardBody must be a valid JSON object")
    if not isinstance(content.get("widgets"), list):
        error = [{"dataPath": "", "message": "Should have required property 'widgets'"}]
        raise _refused(
            "InvalidParameterInput",
            f"The dashboard body is invalid, there are 1 validation errors: {json.dumps(error)}",
        )


def _time(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
