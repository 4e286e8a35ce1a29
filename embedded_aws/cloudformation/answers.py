"""Answers of CloudFormation: when they come, their letters beyond ASCII, and repeated requests with one token."""

import asyncio
import hashlib
import json
import re
import time
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.stack_states import is_at_work
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import AsyncOriginal, Function, Original, Response, wrap, wrap_item

_SECONDS = 4.0
_OPERATIONS = re.compile(rb"\bAction=(ExecuteChangeSet|DeleteStack|CreateStack|UpdateStack)\b")
_TOKENS = {
    "ContinueUpdateRollback": "ClientRequestToken",
    "CreateChangeSet": "ClientToken",
    "CreateStack": "ClientRequestToken",
    "ExecuteChangeSet": "ClientRequestToken",
    "UpdateStack": "ClientRequestToken",
}
# AWS leaves out what a stack, event or change set lacks: code that reads `stack["Outputs"]` ends with a KeyError there.
_EMPTY = re.compile(rb"<(Description|Outputs|Parameters|ResourceStatusReason|StackStatusReason|StatusReason)></\1>")


def install(_context: ServerContext) -> None:
    """Change the emulator's answers."""
    wrap(cloudformation, "handle_request", _answer_at_the_end)
    for operation in ("DescribeChangeSet", "DescribeStackEvents", "DescribeStacks", "ListChangeSets"):
        wrap_item(emulator.actions, operation, _without_empty)
    wrap_item(emulator.actions, "DescribeChangeSet", _name_change_set_parameters)
    wrap_item(emulator.actions, "DescribeStacks", _name_stack_parameters)
    for operation in ("GetTemplate", "DescribeStacks"):
        wrap_item(emulator.actions, operation, _without_letters)
    emulator.find_change_set.wrap_everywhere(_find_change_set)
    wrap_item(emulator.actions, "ListChangeSets", _list_change_sets)
    install_tokens()


async def _answer_at_the_end(
    original: AsyncOriginal, method: str, path: str, headers: Any, body: bytes, query: Any
) -> Response:
    """Answer an operation on a stack when it is complete, or after a short time.

    The CDK polls every five seconds (aws-cdk-cli, ``waitForStackDeploy``), which would be most of a deployment's time
    here. CloudFormation may take any time for an answer, and other callers still see the stack in progress.
    """
    response = await original(method, path, headers, body, query)
    if response[0] == 200 and _OPERATIONS.search(body):
        deadline = time.monotonic() + _SECONDS
        await asyncio.sleep(0)  # lets the operation begin, which is a new asyncio task
        while any(map(is_at_work, emulator.stacks.values())) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    return response


def _without_letters(original: Original, params: Any) -> Response:
    """Write a question mark for each non-ASCII letter, although the deployed value has the letter.

    A comparison of an answer with a template with Japanese text shows differences (cloudformation-coverage-roadmap
    #1220; `mangleLikeCloudFormation` of aws-cdk), and outputs are unreadable (#814).
    """
    status, headers, body = original(params)
    return status, headers, re.sub(r"[^\x00-\x7f]", "?", body.decode()).encode()


def _without_empty(original: Original, params: Any) -> Response:
    status, headers, body = original(params)
    return status, headers, _EMPTY.sub(b"", body)


def _name_stack_parameters(original: Original, params: Any) -> Response:
    """Write the name of a parameter of Parameter Store, and its value beside it (API reference, Parameter)."""
    status, headers, body = original(params)
    before, *parts = re.split("(?=<StackId>)", body.decode())
    known = {escape(it["StackId"]): it for it in emulator.stacks.values()}
    named = (_name_parameters(part, known.get(part[len("<StackId>") : part.find("</")])) for part in parts)
    return status, headers, "".join((before, *named)).encode()


def _name_change_set_parameters(original: Original, params: Any) -> Response:
    status, headers, body = original(params)
    return status, headers, _name_parameters(body.decode(), emulator.named_change_set(params)).encode()


def _name_parameters(text: str, record: dict[str, Any] | None) -> str:
    for key, found in ((record or {}).get("_resolved_params") or {}).items():
        if name := found.get("SsmName"):
            before, after = f"<ParameterKey>{key}</ParameterKey><ParameterValue>", "</ParameterValue>"
            head, _, rest = text.partition(before)
            value, _, tail = rest.partition(after)
            text = f"{head}{before}{escape(name)}{after}<ResolvedValue>{value}</ResolvedValue>{tail}" if rest else text
    return text


def _find_change_set(original: Function, name: str, stack: str = "") -> Any:
    """Find a change set by the ARN of its stack too (API reference, StackName: "the name or Amazon Resource Name")."""
    return original(name, _stack_name(stack))


def _list_change_sets(original: Original, params: dict[str, Any]) -> Response:
    return original(params | {"StackName": _stack_name(emulator.parameter(params, "StackName"))})


def _stack_name(name_or_arn: str) -> str:
    return str((emulator.resolve_stack(name_or_arn) or {}).get("StackName", name_or_arn))


def install_tokens() -> None:
    """Give a repeated request with the same token the previous answer.

    SDKs repeat a request after a lost answer (API reference, ClientToken and ClientRequestToken). Tokens are forgotten
    when their stack is deleted and when the server ends.
    """
    for action, token in _TOKENS.items():
        wrap_item(emulator.actions, action, _remembering(token))


def _remembering(parameter: str) -> Function:
    answered: dict[tuple[str, ...], tuple[str, str, Response]] = {}  # the request's hash, the stack's id, the answer

    def answer(original: Original, params: dict[str, Any]) -> Response:
        token, named = (emulator.parameter(params, name) for name in (parameter, "StackName"))
        if not token:
            return original(params)
        key = (get_account_id(), get_region(), named or emulator.parameter(params, "ChangeSetName"), token)
        request = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
        former, stack_id, response = answered.get(key, ("", "", (0, {}, b"")))
        if _is_there(stack_id):
            if former == request:
                return response
            if parameter == "ClientRequestToken":  # CreateChangeSet has no such error
                return emulator.error("TokenAlreadyExistsException", "A client request token already exists.")
        response = original(params)
        if response[0] == 200:
            stack = emulator.named_stack(params) or emulator.named_change_set(params) or {}
            answered[key] = request, stack.get("StackId", ""), response
        return response

    return answer


def _is_there(stack_id: str) -> bool:
    stack = emulator.resolve_stack(stack_id)
    return stack is not None and stack["StackStatus"] != "DELETE_COMPLETE"
