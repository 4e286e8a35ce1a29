"""CloudFormation's events, and which failure came first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ops.aws.clients import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS")
# When one resource fails, CloudFormation cancels those in progress; they are not the cause.
_CANCELLED = re.compile(r"^Resource (creation|update|deletion) cancelled", re.IGNORECASE)
_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a stack."""

    event_id: str  # unique id
    stack: str  # name of the stack
    time: datetime  # by AWS's clock
    logical_id: str  # the resource, or the stack itself
    resource_type: str  # such as ``AWS::RDS::DBInstance``
    status: str  # such as ``CREATE_FAILED``
    reason: str  # AWS's own words, mostly empty
    about_stack: bool  # whether it is about the stack itself, not one of its resources

    @property
    def begins(self) -> bool:
        """Whether an operation on the stack began with it; a rollback is part of the operation that it rolls back."""
        return self.about_stack and self.status in _BEGINNINGS

    @property
    def is_failure(self) -> bool:
        """Whether a resource failed by itself, not because another one did."""
        return self.status.endswith("_FAILED") and not _CANCELLED.match(self.reason)


def read_events(aws: Aws, stack_id: str, after: str | None = None) -> tuple[Event, ...]:
    """The events of a stack, oldest first, or only those after the event with an id.

    `stack_id` is no name, because a deleted stack is not found by name.
    """
    newest_first: list[Event] = []
    for page in aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for described in page["StackEvents"]:
            if described["EventId"] == after:
                return tuple(reversed(newest_first))
            newest_first.append(_event(described))
    return tuple(reversed(newest_first))


def newest_event_id(aws: Aws, stack_id: str) -> str | None:
    """Id of a stack's newest event, from which to continue later."""
    events = aws.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return events[0]["EventId"] if events else None


def last_operation(events: Sequence[Event]) -> Sequence[Event]:
    """The events since the newest operation on the stack began; none where they do not contain its beginning."""
    start = next((place for place in reversed(range(len(events))) if events[place].begins), len(events))
    return events[start:]


def first_cause(events: Iterable[Event]) -> Event | None:
    """The earliest failure that another one did not cause; a resource's event is preferred to its stack's."""
    failures = [event for event in events if event.is_failure]
    return min(failures, key=lambda event: (event.about_stack, event.time), default=None)


def _event(described: "StackEventTypeDef") -> Event:
    physical_id, hook = described.get("PhysicalResourceId", ""), described.get("HookStatus", "")
    # The reason of an organisation's hook is in the hook's own event; the resource's event only names the hook.
    refused_by_hook = hook.endswith("_FAILED") and described.get("HookFailureMode") == "FAIL"
    objection = f"{described.get('HookType')}: {described.get('HookStatusReason')}"
    return Event(
        event_id=described["EventId"],
        stack=described["StackName"],
        time=described["Timestamp"],
        logical_id=described.get("LogicalResourceId", ""),
        resource_type=described.get("ResourceType", ""),
        status=hook if refused_by_hook else described.get("ResourceStatus", ""),
        reason=objection if refused_by_hook else described.get("ResourceStatusReason", ""),
        about_stack=described.get("ResourceType") == _STACK and physical_id == described["StackId"],
    )
