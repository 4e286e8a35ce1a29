"""Gives stacks a final status whose operation was interrupted by the end of the server.

On AWS an operation is never interrupted like this, so they get the nearest status from which ``cdk deploy`` and
``cdk destroy`` can continue. Created resources are in the stack's record, so they are deleted or updated too.
"""

from typing import Any

from ministack.core.responses import now_iso

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext

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
    """End the interrupted operations when the server starts again."""
    context.on_start(_end_all)


def _end_all() -> None:
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
