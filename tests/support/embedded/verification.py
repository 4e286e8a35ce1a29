"""The tests' embedded AWS lets a new release answer late, because a busy machine is no bad release.

What a release's verification allows is a variable of its function, whose value and meaning have tests of their own.
"""

from typing import Any, Final

from embedded_aws.aws_lambda import functions
from embedded_aws.core.patching import Function, wrap

_SECONDS: Final = "60"


def allow_late_answers() -> None:
    """Give the function that verifies a release more time than ``release.verify_seconds``, in this process."""
    wrap(functions, "function_environment", _with_more_time)


def _with_more_time(original: Function, *args: Any, **named: Any) -> dict[str, str]:
    variables: dict[str, str] = original(*args, **named)
    return {**variables, "SECONDS": _SECONDS} if "PROBE" in variables else variables
