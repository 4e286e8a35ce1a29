"""Stack operations answer when they are done, if that is soon.

The CDK asks every five seconds whether a stack is finished (aws-cdk-cli, ``waitForStackDeploy``), which is often enough
for AWS and most of the time of a deployment here, where a stack takes one or two. CloudFormation may answer a request
as late as it likes, and whoever watches meanwhile sees the stack in progress, as ever.
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
    """Hold the answers of operations on stacks."""
    wrap(cloudformation, "handle_request", _answer)


async def _answer(original: Function, method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
    response: Response = await original(method, path, headers, body, query)
    if response[0] == 200 and _OPERATIONS.search(body):
        deadline = time.monotonic() + SECONDS
        await asyncio.sleep(0)  # the operation is a task that has not begun yet
        while any(map(is_at_work, emulator.stacks.values())) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    return response
