"""A stack accepts no update during an operation, nor in a state that allows only a deletion or a rollback.

The emulator would compare templates, find no difference, and let a deployment report "no changes" while resources are
missing.
Source: CloudFormation user guide, "Stack status codes"; the messages are those of CreateChangeSet and UpdateStack for a
stack in a state from which it cannot be updated, and of CreateStack for an existing stack.

Interrupted operations get the nearest status from which ``cdk deploy`` and ``cdk destroy`` can continue: on AWS an
operation is never interrupted by the end of a server. Created resources are in the stack's record, so they are deleted
or updated too.
"""

import ast
import re
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from ministack.core.responses import now_iso

from embedded_aws.cloudformation import emulator, exports
from embedded_aws.cloudformation.operation_options import TOPICS
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item
from embedded_aws.core.protocols import result_xml
from embedded_aws.core.refusal import error_of

_STACK = "AWS::CloudFormation::Stack"
_DELETION_TIME, _PARENT = "DeletionTime", "ParentId"
_RAW_RESPONSE = re.compile(r"AWS::\S+ \w+ (?:failed|rejected): (b'.*'|b\".*\")", re.DOTALL)
_NOT_UPDATED = ("DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")
_BEGUN = ("CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS", "UPDATE_IN_PROGRESS")
_CANCELLED = "Resource creation cancelled"
# Set by ``CancelUpdateStack``; the emulator checks it before it begins with the next resource.
_REQUESTED = "_cancel_requested"
REASON = "The embedded AWS ended while it was working on this stack."
# The CDK deletes a stack whose creation failed, and creates it again; with the others it continues.
_AFTERWARDS = {
    "CREATE_IN_PROGRESS": "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
}


def install(context: ServerContext) -> None:
    """Add AWS's refusals, end waits and interrupted operations, and have each step saved before it is reported."""

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
        about_stack, reason = kind == _STACK and logical_id == name, readable(str(reason))
        if about_stack:
            reason = _reason_of(status, reason, emulator.stack_events.get(stack_id) or [])
        original(stack_id, name, logical_id, kind, status, reason, *rest, **more)
        if about_stack and (stack := emulator.stacks.get(name)):
            if status == "DELETE_IN_PROGRESS":
                stack[_DELETION_TIME] = emulator.stack_events[stack_id][-1]["Timestamp"]
            elif status == "UPDATE_IN_PROGRESS":
                stack["StackStatusReason"] = ""  # that of the operation before it
        context.changed()

    emulator.add_event.wrap_everywhere(notice)
    for action in ("CreateChangeSet", "UpdateStack"):
        wrap_item(emulator.actions, action, _refuse_update)
    wrap_item(emulator.actions, "DeleteStack", _delete)
    wrap_item(emulator.actions, "DescribeStacks", _describe)
    wrap_item(emulator.actions, "ListStackResources", _list_resources)
    wrap_item(emulator.actions, "CancelUpdateStack", _cancel)
    emulator.wait_for_signals.wrap(_wait)
    emulator.roll_back.wrap(_roll_back)
    context.on_stop(emulator.end_waits)
    context.on_start(_end_interrupted)


def _reason_of(status: str, reason: str, events: list[dict[str, Any]]) -> str:
    """The status reason of a failing new stack: its failed resources (events in reports of users of the AWS CDK).

    An operation's first event has a reason too (CloudFormation user guide, "Monitor stack progress").
    """
    if not reason and status in _BEGUN:
        return "User Initiated"
    if reason == "Rollback complete":
        return ""
    rolls_back = reason == "Rollback requested"
    failed = dict.fromkeys(it["LogicalResourceId"] for it in events if it["ResourceStatus"] == "CREATE_FAILED")
    if not failed or not (rolls_back or (status == "CREATE_FAILED" and reason.startswith("Resource "))):
        return reason
    said = f"The following resource(s) failed to create: [{', '.join(failed)}]. "
    return f"{said}Rollback requested by user." if rolls_back else said


def readable(reason: str) -> str:
    """A reason in CloudFormation's words: of a raw error its message, or the whole without one; any other as it is."""
    raw = _RAW_RESPONSE.fullmatch(reason)
    body: bytes = ast.literal_eval(raw[1]) if raw else b""
    if (error := error_of(body)) is None:
        return reason
    message = error[1] or body.decode(errors="replace")
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: InvalidRequest)'


def is_at_work(stack: dict[str, Any]) -> bool:
    """Whether an operation on a stack is in progress."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _describe(original: Original, params: dict[str, Any]) -> Response:
    """Add what the emulator leaves out: role, topics, parent, and the time at which the deletion began."""
    status, headers, body = original(params)
    text = body.decode()
    for stack in list(emulator.stacks.values()):
        mark = f"<StackId>{escape(stack['StackId'])}</StackId>"
        known = {name: stack[name] for name in ("RoleARN", _DELETION_TIME, _PARENT) if stack.get(name)}
        if _PARENT in known:
            known["RootId"] = _root(stack)
        more = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in known.items())
        topics = "".join(f"<member>{escape(topic)}</member>" for topic in stack.get(TOPICS) or ())
        text = text.replace(mark, f"{mark}{more}<{TOPICS}>{topics}</{TOPICS}>")
    return status, headers, text.encode()


def _root(stack: dict[str, Any]) -> str:
    """The id of the stack in which a nested stack is, at whatever depth."""
    while parent := emulator.resolve_stack(stack.get(_PARENT, "")):
        stack = parent
    return str(stack["StackId"])


def _list_resources(original: Original, params: dict[str, Any]) -> Response:
    """List what a deleted stack had, by its id; the emulator forgets each deleted resource."""
    stack, name = emulator.named_stack(params), emulator.parameter(params, "StackName")
    if stack is None or stack["StackStatus"] != "DELETE_COMPLETE":
        return original(params)
    if name != stack["StackId"]:
        return emulator.error("ValidationError", f"Stack with id {name} does not exist")
    last = {it["LogicalResourceId"]: it for it in emulator.stack_events[name] if it["PhysicalResourceId"] != name}
    listed = [event | {"LastUpdatedTimestamp": event["Timestamp"]} for event in last.values()]
    inner = result_xml("cloudformation", "ListStackResources", {"StackResourceSummaries": listed})
    result = f"<ListStackResourcesResult>{inner}</ListStackResourcesResult>"
    return emulator.xml_response(200, "ListStackResourcesResponse", result)


def _delete(original: Original, params: dict[str, Any]) -> Response:
    """Begin no second deletion during the first: both would delete the same resources, and one would fail."""
    stack = emulator.named_stack(params)
    if stack and stack["StackStatus"] == "DELETE_IN_PROGRESS":
        return emulator.xml_response(200, "DeleteStackResponse", "")
    if stack and not stack.get("EnableTerminationProtection") and (reason := exports.used_export(stack)):
        _keep_stack(stack, reason)
        return emulator.xml_response(200, "DeleteStackResponse", "")
    return original(params)


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


def _cancel(original: Original, params: dict[str, Any]) -> Response:
    """End the waits of a cancelled update: the emulator waits up to twelve hours, and checks only signals meanwhile."""
    response = original(params)
    stack = emulator.named_stack(params) or {}
    if stack.get(_REQUESTED):
        with emulator.signals_changed:
            for (stack_id, _logical_id), condition in emulator.waiting_conditions.items():
                if stack_id == stack["StackId"]:
                    signals = emulator.signal_handles[condition["token"]]["signals"]
                    signals[_CANCELLED] = {"Status": "FAILURE", "Reason": "", "Data": ""}
            emulator.signals_changed.notify_all()
    return response


def _wait(original: Function, token: str, *rest: Any) -> dict[str, str]:
    try:
        outputs: dict[str, str] = original(token, *rest)
    except RuntimeError as error:
        if _CANCELLED not in str(error):
            raise
        if handle := emulator.signal_handles.get(token):  # the handle may be used again after this update
            del handle["signals"][_CANCELLED]
        raise RuntimeError(_CANCELLED) from error
    return outputs


async def _roll_back(
    original: Function, stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *rest: Any
) -> None:
    operation["cancelled"] |= bool(stack.pop(_REQUESTED, False))
    await original(stack_name, stack_id, stack, operation, *rest)


def _end_interrupted() -> None:
    for (account, region, _name), stack in emulator.stacks.all_items():
        event = end_operation(stack)
        if event is not None:
            of_stack = (account, region, stack["StackId"])
            emulator.stack_events.set_scoped(*of_stack, [*emulator.stack_events.get_scoped(*of_stack, []), event])


def end_operation(stack: dict[str, Any]) -> dict[str, str] | None:
    """Give an interrupted stack a status from which operations are possible; return the event of this change."""
    status = _AFTERWARDS.get(stack["StackStatus"])
    if status is None:
        return None
    stack["StackStatus"], stack["StackStatusReason"] = status, REASON
    for resource in stack.get("_resources", {}).values():
        if str(resource.get("ResourceStatus", "")).endswith("_IN_PROGRESS"):
            resource["ResourceStatus"] = resource["ResourceStatus"].replace("_IN_PROGRESS", "_FAILED")
    return {
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "EventId": f"interrupted-{now_iso()}",
        "LogicalResourceId": stack["StackName"],
        "PhysicalResourceId": stack["StackId"],
        "ResourceType": "AWS::CloudFormation::Stack",
        "ResourceStatus": status,
        "ResourceStatusReason": REASON,
        "Timestamp": now_iso(),
    }
