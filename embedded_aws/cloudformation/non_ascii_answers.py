"""CloudFormation's answers and reasons, where the emulator's differ.

Answers have a question mark for each non-ASCII letter, although the deployed value has the letter: a comparison of an
answer with a template with Japanese text shows differences (cloudformation-coverage-roadmap #1220;
`mangleLikeCloudFormation` of aws-cdk), and outputs are unreadable (#814). A repeated request with the same token gets
the previous answer, because SDKs repeat a request after a lost answer (API reference, ClientToken and
ClientRequestToken); tokens are forgotten when the server ends.
"""

import ast
import asyncio
import json
import re
import time
import xml.etree.ElementTree as ET
from typing import Any
from uuid import uuid4

from ministack.services import cloudformation

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.stack_states import is_at_work
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap, wrap_item

_RAW_RESPONSE = re.compile(r"AWS::\S+ \w+ (?:failed|rejected): (b'.*'|b\".*\")", re.DOTALL)
_TOKENS = {
    "ContinueUpdateRollback": "ClientRequestToken",
    "CreateChangeSet": "ClientToken",
    "ExecuteChangeSet": "ClientRequestToken",
}
_DONE = 200
_SECONDS = 4.0
_OPERATIONS = re.compile(rb"\bAction=(ExecuteChangeSet|DeleteStack|CreateStack|UpdateStack)\b")


def install(_context: ServerContext) -> None:
    """Replace letters in the emulator's answers, and reword the reasons of stack events."""
    emulator.add_event.wrap(_add_event)
    for operation in ("GetTemplate", "DescribeStacks"):
        wrap_item(emulator.actions, operation, _answer)


def _answer(original: Function, params: Any) -> Response:
    status, headers, body = original(params)
    return status, headers, re.sub(r"[^\x00-\x7f]", "?", body.decode()).encode()


def _install_reasons() -> None:
    """Reword the reasons of stack events."""
    emulator.add_event.wrap(_add_event)


def _add_event(
    original: Function,
    stack_id: str,
    stack_name: str,
    logical_id: str,
    resource_type: str,
    status: str,
    reason: str = "",
    *rest: Any,
    **options: Any,
) -> None:
    original(stack_id, stack_name, logical_id, resource_type, status, readable(str(reason)), *rest, **options)


def readable(reason: str) -> str:
    """The service's message in a raw response; every other reason is returned unchanged."""
    raw = _RAW_RESPONSE.fullmatch(reason)
    if raw is None:
        return reason
    body = ast.literal_eval(raw[1])
    try:
        message = _json_message(body) if body.lstrip().startswith(b"{") else _xml_message(body)
    except (ValueError, ET.ParseError):
        return reason
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: InvalidRequest)'


def _json_message(body: bytes) -> str:
    content = json.loads(body)
    return str(content.get("message") or content.get("Message") or content)


def _xml_message(body: bytes) -> str:
    # This process has written the parsed text.
    for element in ET.fromstring(body).iter():  # noqa: S314
        if element.tag.rpartition("}")[2] == "Message":
            return element.text or ""
    raise ValueError("no message")


def remember_tokens() -> None:
    """Add the tokens to the operations."""
    for action, token in _TOKENS.items():
        wrap_item(emulator.actions, action, _remembering(token))


def _remembering(parameter: str) -> Any:
    answered: dict[tuple[str, ...], Response] = {}

    def answer(original: Original, params: dict[str, Any]) -> Response:
        key = tuple(emulator.parameter(params, name) for name in ("StackName", "ChangeSetName", parameter))
        if not key[-1]:
            return original(params)
        if key not in answered:
            response = original(params)
            if response[0] != _DONE:
                return response
            answered[key] = response
        return answered[key]

    return answer


def delay_answers(_context: ServerContext) -> None:
    """Delay the answers of operations on stacks until they are complete, for a short time at most.

    The CDK polls every five seconds (aws-cdk-cli, ``waitForStackDeploy``), which would be most of a deployment's time
    here. CloudFormation may take any time for an answer, and other callers still see the stack in progress.
    """
    wrap(cloudformation, "handle_request", _answer_at_the_end)


async def _answer_at_the_end(
    original: Function, method: str, path: str, headers: Any, body: bytes, query: Any
) -> Response:
    response: Response = await original(method, path, headers, body, query)
    if response[0] == 200 and _OPERATIONS.search(body):
        deadline = time.monotonic() + _SECONDS
        await asyncio.sleep(0)  # lets the operation begin, which is a new asyncio task
        while any(map(is_at_work, emulator.stacks.values())) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    return response
