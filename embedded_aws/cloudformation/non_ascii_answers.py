"""Answers have a question mark for each non-ASCII letter, although the deployed value has the letter.

A comparison of an answer with a template with Japanese text shows differences (cloudformation-coverage-roadmap #1220;
`mangleLikeCloudFormation` of aws-cdk), and outputs are unreadable (#814).
"""

import re
from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item


def install(_context: ServerContext) -> None:
    """Replace the letters in the emulator's answers."""
    for operation in ("GetTemplate", "DescribeStacks"):
        wrap_item(emulator.actions, operation, _answer)


def _answer(original: Function, params: Any) -> Response:
    status, headers, body = original(params)
    return status, headers, re.sub(r"[^\x00-\x7f]", "?", body.decode()).encode()
