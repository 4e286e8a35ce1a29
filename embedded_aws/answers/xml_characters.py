"""Replaces control characters in XML answers: XML forbids them, and clients refuse the whole answer.

They come from JSON and requests, such as an output of a stack. A question mark replaces them, as CloudFormation does
for characters beyond ASCII (cloudformation-coverage-roadmap #814).
"""

from typing import Any, Final

from ministack import app

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item

_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_REPLACED: Final = bytes.maketrans(_CONTROLS, b"?" * len(_CONTROLS))


def install(_context: ServerContext) -> None:
    """Change the answers of each service except S3, whose objects must stay unchanged."""
    for handler in set(app.SERVICE_HANDLERS) - {"s3"}:
        wrap_item(app.SERVICE_HANDLERS, handler, _answer)


async def _answer(original: Function, *request: Any) -> Response:
    status, headers, body = await original(*request)
    is_xml = isinstance(body, bytes) and "xml" in headers.get("Content-Type", "")
    return status, headers, body.translate(_REPLACED) if is_xml else body
