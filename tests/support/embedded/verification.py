"""Lets functions and new releases answer late in tests, because a busy machine does not mean a bad release.

The time that a release's verification allows is a variable of its function; its value and meaning have other tests.
"""

from typing import Any, Final

from ministack.core.lambda_runtime import Worker

from embedded_aws.aws_lambda import functions
from embedded_aws.core.patching import Function, wrap

_SECONDS: Final = "60"
_LEAST_TIMEOUT_SECONDS: Final = 300


def allow_late_answers() -> None:
    """Give functions more time than configured, and the function that verifies a release more than in its settings."""
    wrap(functions, "function_environment", _with_more_time)
    wrap(Worker, "invoke", _with_late_timeout)


def _with_more_time(original: Function, *args: Any, **named: Any) -> dict[str, str]:
    variables: dict[str, str] = original(*args, **named)
    return {**variables, "SECONDS": _SECONDS} if "PROBE" in variables else variables


def _with_late_timeout(original: Function, worker: Worker, *args: Any, **named: Any) -> Any:
    # The import of a function counts too, and depends on the machine; without a setting, the timeout is three seconds.
    worker.config = worker.config | {"Timeout": max(worker.config.get("Timeout", 0), _LEAST_TIMEOUT_SECONDS)}
    return original(worker, *args, **named)
