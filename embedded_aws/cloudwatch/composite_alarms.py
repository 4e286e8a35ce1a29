"""``AWS::CloudWatch::CompositeAlarm``, which the emulator has in its API only."""

from typing import Any, Final

from embedded_aws.cloudformation.registry import (
    Change,
    Created,
    Properties,
    generated_name,
    is_true,
    register,
    tag_list,
)
from embedded_aws.cloudwatch import emulator
from embedded_aws.core.refusal import Refusal

_TYPE: Final = "AWS::CloudWatch::CompositeAlarm"
_LISTS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")


def register_types() -> None:
    """Let templates use it."""
    register(
        name=_TYPE,
        create=_create,
        update=_update,
        delete=_delete,
    )


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("AlarmName") or generated_name(stack, logical_id, longest=255)
    if name in emulator.composite_alarms:
        raise ValueError(f"Resource of type '{_TYPE}' with identifier '{name}' already exists.")
    return _put(name, properties)


def _update(change: Change) -> Created:
    return _put(change.physical_id, change.new)


def _put(name: str, properties: Properties) -> Created:
    request: dict[str, Any] = {
        "AlarmName": name,
        "AlarmRule": properties["AlarmRule"],
        "AlarmDescription": properties.get("AlarmDescription", ""),
        "ActionsEnabled": is_true(properties.get("ActionsEnabled", True)),
    } | {key: list(properties.get(key) or []) for key in _LISTS}
    status, _headers, body = emulator.put_composite_alarm({}, request, False, is_json=True)
    if status >= 400:
        raise Refusal("CloudWatch", "ValidationError", bytes(body).decode())
    arn: str = emulator.composite_alarms[name]["AlarmArn"]
    # The API refuses tags of CloudFormation's, which it may set itself.
    emulator.resource_tags[arn] = {tag["Key"]: tag["Value"] for tag in tag_list(properties)}
    return name, {"Arn": arn}


def _delete(physical_id: str, _properties: Properties) -> None:
    emulator.composite_alarms.pop(physical_id, None)
