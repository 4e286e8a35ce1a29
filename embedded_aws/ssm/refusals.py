"""What Parameter Store refuses about names and values (amplify-backend #2352; API reference, PutParameter)."""

import re
from typing import Any, Final

from embedded_aws.core import patterns
from embedded_aws.core.refusal import Refusal

_PART: Final = re.compile(r"[A-Za-z0-9_.-]+")
_REFERENCE: Final = re.compile(r"\{\{.*\}\}")
# What is wrong about a pattern in Java, too.
_OF_ANY_LANGUAGE: Final = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")
_MOST_LEVELS: Final = 15
_MOST_CHARACTERS: Final = 4_096


def check_parameter(request: dict[str, Any]) -> None:
    """Refuse a name that is none, and a value that is empty, too long, a reference or not as its pattern says."""
    _check_name(str(request.get("Name", "")))
    value = str(request.get("Value", ""))
    if not value:
        raise _refusal(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1."
        )
    # The free tier, which an operator's secrets are in.
    if len(value) > _MOST_CHARACTERS and request.get("Tier", "Standard") == "Standard":
        raise _refusal(
            f"Standard tier parameters support a maximum parameter value of {_MOST_CHARACTERS} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, "
            "see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
        )
    if _REFERENCE.search(value):
        raise _refusal('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.')
    pattern = request.get("AllowedPattern")
    if pattern and not _fits(pattern, value):
        message = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise _refusal(message, "ParameterPatternMismatchException")


def _fits(pattern: str, value: str) -> bool:
    try:
        return patterns.found(pattern, value)
    except re.error as error:
        if error.msg.startswith(_OF_ANY_LANGUAGE):
            message = "The request does not meet the regular expression requirement."
            raise _refusal(message, "InvalidAllowedPatternException") from None
        return True  # Java's patterns say more than Python's


def _check_name(name: str) -> None:
    if not name:
        return  # CloudFormation gives one
    parts = name.removeprefix("/").split("/")
    if parts[0].lower().startswith("ssm") or not all(_PART.fullmatch(part) for part in parts):
        raise _refusal(
            'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
            "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the "
            "following 3 symbols .-_"
        )
    if len(parts) > 1 and not name.startswith("/"):
        raise _refusal("Parameter name must be a fully qualified name.")
    if len(parts) > _MOST_LEVELS:
        message = f"Parameter name cannot have more than {_MOST_LEVELS} levels of hierarchy."
        raise _refusal(message, "HierarchyLevelLimitExceededException")


def _refusal(message: str, code: str = "ValidationException") -> Refusal:
    return Refusal("Ssm", code, message)
