"""Searching the streams of a log group whose names begin alike, which the emulator ignores."""

from typing import Any

from ministack.core.responses import json_response
from ministack.services import cloudwatch_logs

from embedded_aws.core.patching import Function, wrap


def install() -> None:
    """Let FilterLogEvents obey ``logStreamNamePrefix``."""
    wrap(cloudwatch_logs, "_filter_log_events", _filter)


def _filter(original: Function, request: dict[str, Any]) -> Any:
    prefix = request.get("logStreamNamePrefix")
    group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(request))  # noqa: SLF001
    if not prefix or group is None:
        return original(request)
    names = [name for name in group["streams"] if name.startswith(prefix)]
    # No names would mean all streams.
    return original({**request, "logStreamNames": names}) if names else json_response({"events": []})
