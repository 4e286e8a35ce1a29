"""Follows the code of functions that CloudFormation calls: they wait for the permissions of their new role.

IAM takes a moment to spread what CloudFormation has made seconds before the call (aws-cdk #37675, #37085).
"""

from typing import Any

import boto3

DELAYS = (1, 2, 4, 8, 16)  # seconds, after which an error is final


def delay(response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: Any) -> int | None:
    """Tell botocore after how many seconds it repeats a call that was refused; None: not at all."""
    code = response[1].get("Error", {}).get("Code") if response else None
    refused = code in ("AccessDenied", "AccessDeniedException")
    return DELAYS[attempts - 1] if refused and attempts <= len(DELAYS) else None


boto3.setup_default_session()
SESSION: Any = boto3.DEFAULT_SESSION
SESSION.events.register("needs-retry", delay)
