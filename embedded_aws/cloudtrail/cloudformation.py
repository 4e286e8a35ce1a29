"""``AWS::CloudTrail::Trail``."""

from functools import partial

from embedded_aws.cloudformation.registry import (
    Change,
    Created,
    Properties,
    generated_name,
    is_true,
    register,
    tag_list,
)
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.cloudtrail import emulator
from embedded_aws.core.refusal import gone_is_fine, json_call

_SERVICE = "CloudTrail"
_request = partial(request_of, "cloudtrail", "UpdateTrail")
_TEXTS = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "S3BucketName", "S3KeyPrefix", "SnsTopicName")


def register_types() -> None:
    """Let templates use trails."""
    register(name="AWS::CloudTrail::Trail", create=_create, update=_update, delete=_delete)


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("TrailName") or generated_name(stack, logical_id)
    _call("CreateTrail", {"Name": name, "TagsList": tag_list(properties), **_request(properties)})
    return _finish(name, properties)


def _update(change: Change) -> Created:
    emptied = {key: "" for key in _TEXTS if key in change.old}
    _call("UpdateTrail", {"Name": change.physical_id, **emptied, **_request(change.new)})
    arn = _call("GetTrail", {"Name": change.physical_id})["Trail"]["TrailARN"]
    _call("RemoveTags", {"ResourceId": arn, "TagsList": tag_list(change.old)})
    _call("AddTags", {"ResourceId": arn, "TagsList": tag_list(change.new)})
    return _finish(change.physical_id, change.new)


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _call("DeleteTrail", {"Name": physical_id})


def _finish(name: str, properties: Properties) -> Created:
    if "AdvancedEventSelectors" in properties:
        selectors = properties["AdvancedEventSelectors"]
        _call("PutEventSelectors", {"TrailName": name, "AdvancedEventSelectors": selectors})
    elif properties.get("EventSelectors"):
        _call("PutEventSelectors", {"TrailName": name, "EventSelectors": properties["EventSelectors"]})
    _call("StartLogging" if is_true(properties.get("IsLogging")) else "StopLogging", {"Name": name})
    trail = _call("GetTrail", {"Name": name})["Trail"]
    return name, {"Arn": trail["TrailARN"], "SnsTopicArn": trail.get("SnsTopicARN", "")}


def _call(operation: str, request: dict[str, object]) -> Properties:
    return json_call(_SERVICE, emulator.actions[operation], request)
