"""Stack operations in express mode: a resource is complete when its call succeeds (`DeploymentConfig.Mode=EXPRESS`).

Resources are stable in milliseconds here. The exception is the deletion of a database, which takes minutes on AWS and
affects the next operation: it continues after the stack is gone (CloudFormation user guide, "Deploy stacks faster with
express mode": "Delete operations might still be in progress").
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item

_MODE = "_deletion_mode"
_CREATION_MODE = "_creation_mode"


def install(_context: ServerContext) -> None:
    """Record the mode in which a stack is created, changed and deleted."""
    wrap_item(emulator.actions, "DeleteStack", _delete)
    for action in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        wrap_item(emulator.actions, action, _create)


def is_express_deployment(stack: dict[str, Any] | None) -> bool:
    """Whether the newest deployment of a stack does not wait until its resources are ready."""
    return (stack or {}).get(_CREATION_MODE) == "EXPRESS"


def is_express_deletion(stack: dict[str, Any] | None) -> bool:
    """Whether the deletion of a stack does not wait for its resources to be gone."""
    return (stack or {}).get(_MODE) == "EXPRESS"


def _create(original: Original, params: dict[str, Any]) -> Response:
    response = original(params)
    # The operation begins after this request.
    if stack := emulator.named_stack(params):
        stack[_CREATION_MODE] = emulator.parameter(params, "DeploymentConfig.Mode", "STANDARD")
    return response


def _delete(original: Original, params: dict[str, Any]) -> Response:
    if stack := emulator.named_stack(params):
        stack[_MODE] = emulator.parameter(params, "DeploymentConfig.Mode", "STANDARD")
    return original(params)
