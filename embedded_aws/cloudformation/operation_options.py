"""Options of stack operations that the stack keeps: the role that CloudFormation assumes, and the mode.

Source: CloudFormation API reference, CreateChangeSet and UpdateStack, RoleARN ("uses this role for all future
operations on the stack", "the role that was previously associated"), and Stack, RoleARN.

In express mode (`DeploymentConfig.Mode=EXPRESS`) a resource is complete when its call succeeds. Resources are stable in
milliseconds here. The exception is the deletion of a database, which takes minutes on AWS and affects the next
operation: it continues after the stack is gone (CloudFormation user guide, "Deploy stacks faster with express mode":
"Delete operations might still be in progress").
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.registry import after_change_set
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item

_Parameters = dict[str, Any]
_DELETION_MODE, _CREATION_MODE = "_deletion_mode", "_creation_mode"


def install(_context: ServerContext) -> None:
    """Record the roles of stacks."""
    for action in ("CreateStack", "UpdateStack"):
        wrap_item(emulator.actions, action, _operate)
    after_change_set(_plan)
    wrap_item(emulator.actions, "ExecuteChangeSet", _execute)


def _operate(original: Original, params: _Parameters) -> Response:
    answer = original(params)
    stack = emulator.named_stack(params)
    if answer[0] == 200 and stack and (role := emulator.parameter(params, "RoleARN")):
        stack["RoleARN"] = role
    return answer


def _plan(params: _Parameters, change_set: _Parameters) -> None:
    if role := emulator.parameter(params, "RoleARN"):
        change_set["RoleARN"] = role


def _execute(original: Original, params: _Parameters) -> Response:
    planned = emulator.named_change_set(params)
    if planned and planned.get("RoleARN") and (stack := emulator.stacks.get(planned["StackName"])):
        stack["RoleARN"] = planned["RoleARN"]
    return original(params)


def install_mode(_context: ServerContext) -> None:
    """Record the mode in which a stack is created, changed and deleted."""
    wrap_item(emulator.actions, "DeleteStack", _delete)
    for action in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        wrap_item(emulator.actions, action, _create)


def is_express_deployment(stack: dict[str, Any] | None) -> bool:
    """Whether the newest deployment of a stack does not wait until its resources are ready."""
    return (stack or {}).get(_CREATION_MODE) == "EXPRESS"


def is_express_deletion(stack: dict[str, Any] | None) -> bool:
    """Whether the deletion of a stack does not wait for its resources to be gone."""
    return (stack or {}).get(_DELETION_MODE) == "EXPRESS"


def _create(original: Original, params: dict[str, Any]) -> Response:
    response = original(params)
    # The operation begins after this request.
    if stack := emulator.named_stack(params):
        stack[_CREATION_MODE] = emulator.parameter(params, "DeploymentConfig.Mode", "STANDARD")
    return response


def _delete(original: Original, params: dict[str, Any]) -> Response:
    if stack := emulator.named_stack(params):
        stack[_DELETION_MODE] = emulator.parameter(params, "DeploymentConfig.Mode", "STANDARD")
    return original(params)
