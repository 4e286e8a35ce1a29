"""``AWS::CloudWatch::CompositeAlarm``, which the emulator has only in its API."""

from typing import Final

from embedded_aws.cloudformation.registry import Created, Properties, generated_name, register, tag_list
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.cloudwatch import emulator
from embedded_aws.core.refusal import json_call

_TYPE: Final = "AWS::CloudWatch::CompositeAlarm"


def register_types() -> None:
    """Let templates use composite alarms."""
    register(
        name=_TYPE,
        create=_create,
        update=lambda change: _put_composite_alarm(change.physical_id, change.new),
        delete=lambda physical_id, _properties: emulator.composite_alarms.pop(physical_id, None),
    )


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("AlarmName") or generated_name(stack, logical_id, longest=255)
    if name in emulator.composite_alarms:
        raise ValueError(f"Resource of type '{_TYPE}' with identifier '{name}' already exists.")
    return _put_composite_alarm(name, properties)


def _put_composite_alarm(name: str, properties: Properties) -> Created:
    request = request_of("cloudwatch", "PutCompositeAlarm", {**properties, "AlarmName": name})
    # The API refuses CloudFormation's tags, which CloudFormation itself may set.
    request.pop("Tags", None)
    json_call("CloudWatch", lambda content: emulator.put_composite_alarm({}, content, False, is_json=True), request)
    arn: str = emulator.composite_alarms[name]["AlarmArn"]
    emulator.resource_tags[arn] = {tag["Key"]: tag["Value"] for tag in tag_list(properties)}
    return name, {"Arn": arn}
