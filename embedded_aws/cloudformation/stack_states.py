"""A stack takes no update while an operation goes on, nor after one that only a deletion or a rollback can follow.

The emulator would compare templates, find no difference, and let a deployment say "no changes" while resources are
gone.
Source: CloudFormation user guide, "Stack status codes"; the words are those of CreateChangeSet and UpdateStack for a
stack in a state from which it cannot be updated, and of CreateStack for one that is there.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item

_NOT_UPDATED = ("DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")


def install(context: ServerContext) -> None:
    """Refuse what AWS refuses, and have each step of a stack saved before anybody is told: it needs no request."""

    def notice(original: Function, *args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        context.changed()

    emulator.add_event.wrap_everywhere(notice)
    for action in ("CreateChangeSet", "UpdateStack"):
        wrap_item(emulator.actions, action, _refuse)
    wrap_item(emulator.actions, "DeleteStack", _delete)


def is_at_work(stack: dict[str, Any]) -> bool:
    """Whether an operation on a stack goes on."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _delete(original: Original, params: dict[str, Any]) -> Response:
    """Begin no second deletion beside one that goes on: both would delete the same resources, and one fail."""
    stack = emulator.named_stack(params)
    if stack and stack["StackStatus"] == "DELETE_IN_PROGRESS":
        return emulator.xml_response(200, "DeleteStackResponse", "")
    return original(params)


def _refuse(original: Original, params: dict[str, Any]) -> Response:
    if stack := emulator.named_stack(params):
        status = stack["StackStatus"]
        if status == "ROLLBACK_COMPLETE" and emulator.parameter(params, "ChangeSetType") == "CREATE":
            return emulator.error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
        if status in _NOT_UPDATED or is_at_work(stack):
            message = f"Stack:{stack['StackId']} is in {status} state and can not be updated."
            return emulator.error("ValidationError", message)
    return original(params)
