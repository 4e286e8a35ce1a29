"""Options of stack operations that the stack keeps: the role that CloudFormation assumes, the topics, and the mode.

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
from embedded_aws.core.protocols import read_request

_Record = dict[str, Any]
_ROLE, TOPICS, _DEPLOYMENT_MODE, _DELETION_MODE = "RoleARN", "NotificationARNs", "_creation_mode", "_deletion_mode"


def install(_context: ServerContext) -> None:
    """Keep the options of each accepted operation in its stack; those of a change set count when it is executed."""
    for action in ("CreateStack", "UpdateStack"):
        wrap_item(emulator.actions, action, _deploy)
    after_change_set(lambda params, change_set: change_set.update(_options(params)))
    wrap_item(emulator.actions, "ExecuteChangeSet", _execute)
    wrap_item(emulator.actions, "DeleteStack", _delete)


def is_express_deployment(stack: _Record | None) -> bool:
    """Whether the newest deployment of a stack does not wait until its resources are ready."""
    return (stack or {}).get(_DEPLOYMENT_MODE) == "EXPRESS"


def is_express_deletion(stack: _Record | None) -> bool:
    """Whether the deletion of a stack does not wait for its resources to be gone."""
    return (stack or {}).get(_DELETION_MODE) == "EXPRESS"


def _options(params: _Record) -> _Record:
    role = emulator.parameter(params, "RoleARN")
    topics = read_request("cloudformation", "CreateStack", params).get(TOPICS) or []
    sent: _Record = {_ROLE: role} if role else {}
    if any(name.partition(".")[0] == TOPICS for name in params):  # an empty list removes the topics
        sent[TOPICS] = topics
    return {_DEPLOYMENT_MODE: _mode(params)} | sent


def _mode(params: _Record) -> str:
    return emulator.parameter(params, "DeploymentConfig.Mode", "STANDARD")


def _deploy(original: Original, params: _Record) -> Response:
    answer = original(params)
    stack = emulator.named_stack(params)
    if answer[0] == 200 and stack:  # the operation begins after this request
        stack |= _options(params)
    return answer


def _execute(original: Original, params: _Record) -> Response:
    planned = emulator.named_change_set(params) or {}
    answer = original(params)
    stack = emulator.stacks.get(planned.get("StackName"))
    if answer[0] == 200 and stack:
        stack |= {name: planned[name] for name in (_ROLE, TOPICS, _DEPLOYMENT_MODE) if name in planned}
    return answer


def _delete(original: Original, params: _Record) -> Response:
    if stack := emulator.named_stack(params):
        stack[_DELETION_MODE] = _mode(params)
    return original(params)
