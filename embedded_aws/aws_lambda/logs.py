"""Names the log streams of functions that share a log group."""

from threading import RLock
from typing import Any

from embedded_aws.aws_lambda import emulator
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.patching import Function


def install() -> None:
    """Add the function's name to its streams if it shares the log group.

    Source: Lambda developer guide, "Configuring CloudWatch log groups".
    """
    writing = RLock()  # a new stream must belong to this invocation

    def emit(original: Function, function: dict[str, Any], *arguments: Any, **options: Any) -> None:
        config = function.get("config") or function
        group, name = (config.get("LoggingConfig") or {}).get("LogGroup"), config.get("FunctionName")
        if not group or group == f"/aws/lambda/{name}":
            original(function, *arguments, **options)
            return
        with writing:
            before = set(_streams(group))
            original(function, *arguments, **options)
            streams = _streams(group)
            for made in set(streams) - before:
                date, bracket, rest = made.partition("/[")
                streams[f"{date}/{name}{bracket[1:]}{rest}"] = streams.pop(made)

    emulator.emit_logs.wrap(emit)


def _streams(group: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudwatch.log_groups.get(group, {}).get("streams", {})
    return found
