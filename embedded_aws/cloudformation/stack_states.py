"""A stack accepts no update during an operation, nor in a state that allows only a deletion or a rollback.

The emulator would compare templates, find no difference, and let a deployment report "no changes" while resources are
missing.
Source: CloudFormation user guide, "Stack status codes"; the messages are those of CreateChangeSet and UpdateStack for a
stack in a state from which it cannot be updated, and of CreateStack for an existing stack.
"""

import re
from typing import Any
from xml.sax.saxutils import escape

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item

_TAKEN = 200
_STACK = "AWS::CloudFormation::Stack"
_DELETION_TIME = "DeletionTime"
_IMPORTED = re.compile(r"Export (?P<export>\S+) is imported by stack (?P<stack>[^<\s]+)")
_NOT_UPDATED = ("DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")


def install(context: ServerContext) -> None:
    """Add AWS's refusals, and have each step of a stack saved before it is reported: steps happen without a request."""

    def notice(
        original: Function,
        stack_id: str,
        name: str,
        logical_id: str,
        kind: str,
        status: str,
        reason: str = "",
        *rest: Any,
        **more: Any,
    ) -> None:
        about_stack = kind == _STACK and logical_id == name
        if about_stack:
            reason = reason_of(status, reason, emulator.stack_events.get(stack_id) or [])
        original(stack_id, name, logical_id, kind, status, reason, *rest, **more)
        if about_stack and status == "DELETE_IN_PROGRESS" and (stack := emulator.stacks.get(name)):
            stack[_DELETION_TIME] = emulator.stack_events[stack_id][-1]["Timestamp"]
        context.changed()

    emulator.add_event.wrap_everywhere(notice)
    for action in ("CreateChangeSet", "UpdateStack"):
        wrap_item(emulator.actions, action, _refuse_update)
    wrap_item(emulator.actions, "DeleteStack", _delete)
    wrap_item(emulator.actions, "DescribeStacks", _describe)


def reason_of(status: str, reason: str, events: list[dict[str, Any]]) -> str:
    """CloudFormation's status reason for a failing new stack: the list of its failed resources.

    Source: events in reports of users of the AWS CDK.
    """
    if reason == "Rollback complete":
        return ""
    rolls_back = reason == "Rollback requested"
    failed = dict.fromkeys(it["LogicalResourceId"] for it in events if it["ResourceStatus"] == "CREATE_FAILED")
    if not failed or not (rolls_back or (status == "CREATE_FAILED" and reason.startswith("Resource "))):
        return reason
    said = f"The following resource(s) failed to create: [{', '.join(failed)}]. "
    return f"{said}Rollback requested by user." if rolls_back else said


def is_at_work(stack: dict[str, Any]) -> bool:
    """Whether an operation on a stack is in progress."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _describe(original: Original, params: dict[str, Any]) -> Response:
    """Add the time at which a stack's deletion began, which the emulator adds to ListStacks only."""
    status, headers, body = original(params)
    text = body.decode()
    for stack in list(emulator.stacks.values()):
        if time := stack.get(_DELETION_TIME):
            mark = f"<StackId>{escape(stack['StackId'])}</StackId>"
            text = text.replace(mark, f"{mark}<{_DELETION_TIME}>{time}</{_DELETION_TIME}>")
    return status, headers, text.encode()


def _delete(original: Original, params: dict[str, Any]) -> Response:
    """Begin no second deletion during the first: both would delete the same resources, and one would fail."""
    stack = emulator.named_stack(params)
    if stack and stack["StackStatus"] == "DELETE_IN_PROGRESS":
        return emulator.xml_response(200, "DeleteStackResponse", "")
    response = original(params)
    if stack and response[0] != _TAKEN and (found := _IMPORTED.search(response[2].decode())):
        _keep_stack(stack, f"Export {found['export']} cannot be deleted as it is in use by {found['stack']}")
        return emulator.xml_response(_TAKEN, "DeleteStackResponse", "")
    return response


def _keep_stack(stack: dict[str, Any], reason: str) -> None:
    """Keep a stack whose outputs others import: the call succeeds, and the stack returns to its former state at once.

    Sources: aws-cdk #604, boto3 #4192.
    """
    name, stack_id = stack["StackName"], stack["StackId"]
    steps = (("DELETE_IN_PROGRESS", "User Initiated"), (stack["StackStatus"], reason))
    for status, said in steps:
        emulator.add_event(stack_id, name, name, _STACK, status, said, physical_id=stack_id)
    stack["StackStatusReason"] = reason


def _refuse_update(original: Original, params: dict[str, Any]) -> Response:
    if stack := emulator.named_stack(params):
        status = stack["StackStatus"]
        if status == "ROLLBACK_COMPLETE" and emulator.parameter(params, "ChangeSetType") == "CREATE":
            return emulator.error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
        if status in _NOT_UPDATED or is_at_work(stack):
            message = f"Stack:{stack['StackId']} is in {status} state and can not be updated."
            return emulator.error("ValidationError", message)
    return original(params)
