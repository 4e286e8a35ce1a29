"""What PutDashboard refuses: names of other characters, bodies that are no dashboard."""

import json
import re
from typing import Any, Final

from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


def check_dashboard(request: dict[str, Any]) -> None:
    """Refuse names of other characters than letters, digits, - and _, and bodies that are no object with widgets.

    Source: API reference, PutDashboard, InvalidParameterInput.
    """
    name = request.get("DashboardName")
    if name is not None and not _NAME.fullmatch(str(name)):
        raise _refusal(
            f"The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, "
            "dash (-) and underscore (_)."
        )
    content = json_object(request.get("DashboardBody"))
    if content is None:
        raise _refusal("The field DashboardBody must be a valid JSON object")
    if not isinstance(content.get("widgets"), list):
        error = [{"dataPath": "", "message": "Should have required property 'widgets'"}]
        raise _refusal(f"The dashboard body is invalid, there are 1 validation errors: {json.dumps(error)}")


def _refusal(message: str) -> Refusal:
    return Refusal("CloudWatch", "InvalidParameterInput", message)
