"""Parameter Store: the filters that the emulator lacks."""

from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.ssm import emulator

_TAG = "tag:"


def install(_context: ServerContext) -> None:
    """Let DescribeParameters filter by tags (API reference, ParameterStringFilter)."""
    emulator.apply_filter.wrap(_apply_filter)


def _apply_filter(original: Function, parameter: dict[str, Any], key: str, option: str, values: list[str]) -> bool:
    if not key.startswith(_TAG):
        return bool(original(parameter, key, option, values))
    value = (emulator.tags.get(parameter["ARN"]) or {}).get(key.removeprefix(_TAG))
    return value is not None and (not values or value in values)
