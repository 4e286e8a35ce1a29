"""Parameter Store: the filters that the emulator lacks, and refusals of values (API reference, PutParameter)."""

import re
from typing import Any, Final

from embedded_aws.core import patterns
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.core.refusal import Refusal
from embedded_aws.ssm import emulator

_TAG = "tag:"
# Errors of a pattern that are errors in Java as well.
_OF_ANY_LANGUAGE: Final = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")


def install(_context: ServerContext) -> None:
    """Let DescribeParameters filter by tags (API reference, ParameterStringFilter)."""
    emulator.apply_filter.wrap(_apply_filter)


def _apply_filter(original: Function, parameter: dict[str, Any], key: str, option: str, values: list[str]) -> bool:
    if not key.startswith(_TAG):
        return bool(original(parameter, key, option, values))
    value = (emulator.tags.get(parameter["ARN"]) or {}).get(key.removeprefix(_TAG))
    return value is not None and (not values or value in values)


def check_parameter(request: dict[str, Any]) -> None:
    """Refuse a value that does not match the pattern; the other rules are in `requests/property_rules.yaml`."""
    pattern = request.get("AllowedPattern")
    if pattern and not _matches(pattern, str(request.get("Value", ""))):
        message = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise Refusal("Ssm", "ParameterPatternMismatchException", message)


def _matches(pattern: str, value: str) -> bool:
    try:
        return patterns.found(pattern, value)
    except re.error as error:
        if error.msg.startswith(_OF_ANY_LANGUAGE):
            message = "The request does not meet the regular expression requirement."
            raise Refusal("Ssm", "InvalidAllowedPatternException", message) from None
        return True  # Java's patterns have more syntax than Python's
