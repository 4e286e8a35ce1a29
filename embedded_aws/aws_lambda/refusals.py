"""What Lambda refuses about a function, in words that its users reported (terraform-aws-github-runner #3594)."""

import json
from typing import Any, Final

from embedded_aws.core.refusal import Refusal

_MOST_BYTES: Final = 4_096


def check_function(request: dict[str, Any]) -> None:
    """Refuse variables that are too long, as JSON, all together."""
    variables = (request.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    if len(measured.encode()) > _MOST_BYTES:
        message = (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {measured}"
        )
        raise Refusal("Lambda", "InvalidParameterValueException", message)
