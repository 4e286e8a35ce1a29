"""The role that CloudFormation assumes for a stack: kept from one operation to the next, and described.

Source: CloudFormation API reference, CreateChangeSet and UpdateStack, RoleARN ("uses this role for all future
operations on the stack", "the role that was previously associated"), and Stack, RoleARN.
"""

from typing import Any
from xml.sax.saxutils import escape

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.hooks import after_change_set
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item

Parameters = dict[str, Any]


def install(_context: ServerContext) -> None:
    """Record the roles of stacks."""
    for action in ("CreateStack", "UpdateStack"):
        wrap_item(emulator.actions, action, _operate)
    after_change_set(_plan)
    wrap_item(emulator.actions, "ExecuteChangeSet", _execute)
    wrap_item(emulator.actions, "DescribeStacks", _describe)


def _operate(original: Original, params: Parameters) -> Response:
    answer = original(params)
    stack = emulator.named_stack(params)
    if answer[0] == 200 and stack and (role := emulator.parameter(params, "RoleARN")):
        stack["RoleARN"] = role
    return answer


def _plan(params: Parameters, change_set: Parameters) -> None:
    if role := emulator.parameter(params, "RoleARN"):
        change_set["RoleARN"] = role


def _execute(original: Original, params: Parameters) -> Response:
    planned = emulator.named_change_set(params)
    if planned and planned.get("RoleARN") and (stack := emulator.stacks.get(planned["StackName"])):
        stack["RoleARN"] = planned["RoleARN"]
    return original(params)


def _describe(original: Original, params: Parameters) -> Response:
    status, headers, body = original(params)
    text = body.decode()
    for stack in list(emulator.stacks.values()):
        if role := stack.get("RoleARN"):
            mark = f"<StackId>{escape(stack['StackId'])}</StackId>"
            text = text.replace(mark, f"{mark}<RoleARN>{escape(role)}</RoleARN>")
    return status, headers, text.encode()
