"""Parameter Store: what the emulator's lacks."""

from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.ssm import emulator

_TAG = "tag:"
_MOST_CHARACTERS = 4_096


def install(_context: ServerContext) -> None:
    """Let DescribeParameters filter by tags (API reference, ParameterStringFilter), and keep long values out."""
    emulator.apply_filter.wrap(_apply_filter)
    emulator.put_parameter.wrap(_put_parameter)


def _put_parameter(original: Function, request: dict[str, Any]) -> Response:
    """Refuse what is too long for the free tier, which an operator's secrets are in."""
    if len(str(request.get("Value", ""))) > _MOST_CHARACTERS and request.get("Tier", "Standard") == "Standard":
        return Refusal(
            "Ssm",
            "ValidationException",
            f"Standard tier parameters support a maximum parameter value of {_MOST_CHARACTERS} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, "
            "see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ).as_json()
    response: Response = original(request)
    return response


def _apply_filter(original: Function, parameter: dict[str, Any], key: str, option: str, values: list[str]) -> bool:
    if not key.startswith(_TAG):
        return bool(original(parameter, key, option, values))
    tags = emulator.tags.get(parameter["ARN"]) or {}
    value = tags.get(key.removeprefix(_TAG))
    return value is not None and (not values or value in values)
