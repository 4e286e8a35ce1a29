"""Answers of operations on stacks come when they are complete, or after a short time.

The CDK polls every five seconds (aws-cdk-cli, ``waitForStackDeploy``), which would be most of a deployment's time
here. CloudFormation may take any time for an answer, and other callers still see the stack in progress.
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

_SECONDS = 4.0
_OPERATIONS = re.compile(rb"\bAction=(ExecuteChangeSet|DeleteStack|CreateStack|UpdateStack)\b")


def install(_context: ServerContext) -> None:
    """Delay the answers of operations on stacks."""
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
