"""CloudFormation answers a question mark for each letter that is not ASCII's, though what is deployed has the letter.

Whoever compares an answer with a template of Japanese words finds a difference (cloudformation-coverage-roadmap #1220;
`mangleLikeCloudFormation` of aws-cdk), and outputs cannot be read (#814).
"""

import re
from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item


def install(_context: ServerContext) -> None:
    """Answer as AWS does."""
    for operation in ("GetTemplate", "DescribeStacks"):
        wrap_item(emulator.actions, operation, _answer)


def _answer(original: Function, params: Any) -> Response:
    status, headers, body = original(params)
    return status, headers, re.sub(r"[^\x00-\x7f]", "?", body.decode()).encode()
