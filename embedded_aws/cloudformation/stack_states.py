"""A stack whose deletion failed takes no update: it is deleted to the end first.

The emulator would compare templates, find no difference, and let a deployment say "no changes" while resources are
gone.
Source: CloudFormation user guide, "Stack status codes", DELETE_FAILED; the words are those of CreateChangeSet and
UpdateStack for a stack in a state from which it cannot be updated.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item

_NOT_UPDATED = ("DELETE_FAILED", "DELETE_IN_PROGRESS")


def install(_context: ServerContext) -> None:
    """Refuse what AWS refuses."""
    for action in ("CreateChangeSet", "UpdateStack"):
        wrap_item(emulator.actions, action, _refuse)


def _refuse(original: Function, params: dict[str, Any]) -> Response:
    stack = emulator.resolve_stack(emulator.parameter(params, "StackName"))
    if stack and stack["StackStatus"] in _NOT_UPDATED:
        message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
        return emulator.error("ValidationError", message)
    answer: Response = original(params)
    return answer
