"""The role that CloudFormation works on a stack with: kept from one operation to the next, and described.

Source: CloudFormation API reference, CreateChangeSet and UpdateStack, RoleARN ("uses this role for all future
operations on the stack", "the role that was previously associated"), and Stack, RoleARN.
"""

import re
from typing import Any
from xml.sax.saxutils import escape

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item

Parameters = dict[str, Any]


def install(_context: ServerContext) -> None:
    """Keep roles."""
    actions = emulator.actions
    for action in ("CreateStack", "UpdateStack"):
        wrap_item(actions, action, _operate)
    wrap_item(actions, "CreateChangeSet", _plan)
    wrap_item(actions, "ExecuteChangeSet", _execute)
    wrap_item(actions, "DescribeStacks", _describe)


def _operate(original: Function, params: Parameters) -> Response:
    answer: Response = original(params)
    name = _first(params, "StackName")
    stack = emulator.stacks.get(name.split("/")[1] if name.startswith("arn:") else name)
    if answer[0] == 200 and stack and (role := _first(params, "RoleARN")):
        stack["RoleARN"] = role
    return answer


def _plan(original: Function, params: Parameters) -> Response:
    answer: Response = original(params)
    found = re.search(rb"<Id>([^<]+)</Id>", answer[2])
    if answer[0] == 200 and found and (role := _first(params, "RoleARN")):
        emulator.change_sets[found.group(1).decode()]["RoleARN"] = role
    return answer


def _execute(original: Function, params: Parameters) -> Response:
    _, planned = emulator.find_change_set(_first(params, "ChangeSetName"), _first(params, "StackName"))
    if planned and planned.get("RoleARN") and (stack := emulator.stacks.get(planned["StackName"])):
        stack["RoleARN"] = planned["RoleARN"]
    return original(params)  # type: ignore[no-any-return]


def _describe(original: Function, params: Parameters) -> Response:
    status, headers, body = original(params)
    text = body.decode()
    for stack in list(emulator.stacks.values()):
        if role := stack.get("RoleARN"):
            mark = f"<StackId>{escape(stack['StackId'])}</StackId>"
            text = text.replace(mark, f"{mark}<RoleARN>{escape(role)}</RoleARN>")
    return status, headers, text.encode()


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str((value or [""])[0] if isinstance(value, list) else value)
