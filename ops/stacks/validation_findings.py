"""Findings of CloudFormation's validation in a stack's newest operation: stack events contain only their number."""

from dataclasses import dataclass
from typing import Any

from ops.aws.clients import Aws


@dataclass(frozen=True, kw_only=True)
class ValidationFinding:
    """A finding that stops a deployment, or only warns."""

    logical_id: str  # the resource
    resource_type: str  # such as ``AWS::S3::Bucket``
    path: str  # path in the template
    reason: str  # AWS's own words
    stops: bool  # whether nothing was deployed because of it


def read_validation_findings(aws: Aws, *, stack: str = "", change_set: str = "") -> tuple[ValidationFinding, ...]:
    """All findings of the newest validated operation (API reference, DescribeEvents).

    Args:
        stack: id of a stack; its operations include the creation of a change set.
        change_set: instead of it, ARN of a change set.
    """
    source: Any = {"ChangeSetName": change_set} if change_set else {"StackName": stack}
    pages = aws.cloudformation.get_paginator("describe_events").paginate(Filters={"FailedEvents": True}, **source)
    events = [event for page in pages for event in page["OperationEvents"]]
    found = [event for event in events if event.get("EventType") == "VALIDATION_ERROR"]
    newest = max(found, key=lambda event: event["Timestamp"], default=None)
    if newest is None:
        return ()
    return tuple(
        ValidationFinding(
            logical_id=event.get("LogicalResourceId", ""),
            resource_type=event.get("ResourceType", ""),
            path=event.get("ValidationPath", ""),
            reason=event.get("ValidationStatusReason", ""),
            stops=event.get("ValidationFailureMode") == "FAIL",
        )
        for event in found
        if event.get("OperationId") == newest.get("OperationId")
    )
