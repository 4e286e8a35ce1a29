"""Searching the streams of a log group whose names begin alike, which the emulator ignores."""

from typing import Any

from ministack.core.responses import json_response

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.patching import Function


def install() -> None:
    """Let FilterLogEvents obey ``logStreamNamePrefix``."""
    emulator.filter_log_events.wrap(_filter)


def _filter(original: Function, request: dict[str, Any]) -> Any:
    prefix = request.get("logStreamNamePrefix")
    group = emulator.log_groups.get(emulator.log_group_name(request))
    if not prefix or group is None:
        return original(request)
    names = [name for name in group["streams"] if name.startswith(prefix)]
    # No names would mean all streams.
    return original({**request, "logStreamNames": names}) if names else json_response({"events": []})
