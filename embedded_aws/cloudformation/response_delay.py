"""Delays the answers of stack operations until the operation is complete, for a short time at most.

The CDK polls every five seconds whether a stack is complete (aws-cdk-cli, ``waitForStackDeploy``). That suits AWS, but
it would be most of a deployment's time here, where a stack takes one or two seconds. CloudFormation may take any time
for an answer, and other callers still see the stack in progress.
"""

import asyncio
import re
import time
from typing import Any

from ministack.services import cloudformation

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.stack_states import is_at_work
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap

SECONDS = 4.0
_OPERATIONS = re.compile(rb"\bAction=(ExecuteChangeSet|DeleteStack|CreateStack|UpdateStack)\b")


def install(_context: ServerContext) -> None:
    """Delay the answers of operations on stacks."""
    wrap(cloudformation, "handle_request", _answer)


async def _answer(original: Function, method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
    response: Response = await original(method, path, headers, body, query)
    if response[0] == 200 and _OPERATIONS.search(body):
        deadline = time.monotonic() + SECONDS
        await asyncio.sleep(0)  # lets the operation begin, which is a new asyncio task
        while any(map(is_at_work, emulator.stacks.values())) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    return response
