"""Lambda's metrics of each run, also of those that nobody waits for, which the emulator counts as good at once."""

from typing import Any

from embedded_aws.aws_lambda import emulator
from embedded_aws.core.patching import Function


def install() -> None:
    """Count runs where they end."""
    count = emulator.emit_metrics.take()

    def execute(original: Function, function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = original(function, event)
        name = function["config"]["FunctionName"]
        count(name, duration_ms=0.0, error=bool(result.get("error")), throttle=bool(result.get("throttle")))
        return result

    emulator.execute.wrap(execute)
    emulator.emit_metrics.wrap(lambda *_args, **_named: None)
