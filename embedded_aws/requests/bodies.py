"""Refuses a body that is not a JSON object for operations that require one, as AWS's service framework does.

Sources: for a body that cannot be parsed, the answer is only the code (aws-sdk-perl #237), for a list ``Start of list
found where not expected`` (aws-sdk-js-v3 #7215).
"""

import json
from typing import Final
from urllib.parse import unquote

from ministack import app

from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.sent_request import Query, operation_of_path

_NOT_FOUND: Final = 404
_LARGEST_EVENT: Final = 6 * 1024**2
# Services whose paths name the operation, by the emulator's names, which are botocore's.
_OF_PATHS: Final = ("fis", "lambda", "scheduler")


def install(_context: ServerContext) -> None:
    """Check before each service."""
    for handler in tuple(app.SERVICE_HANDLERS):
        wrap_item(app.SERVICE_HANDLERS, handler, _readable(handler))


def _readable(handler: str) -> Function:
    async def answer(
        original: Function, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
    ) -> Response:
        if handler in _OF_PATHS and not _is_operation(handler, method, path, query):
            return Refusal(handler, "UnknownOperationException", "").as_json(_NOT_FOUND)
        is_object = "x-amz-target" in headers or (handler in _OF_PATHS and _takes_object(handler, method, path, query))
        if is_object and body and json_object(body) is None:
            said = "Start of list found where not expected" if body.lstrip().startswith(b"[") else ""
            return Refusal(handler, "SerializationException", said).as_json()
        if handler == "lambda" and (refusal := _wrong_event(method, path, body, query)):
            return refusal.as_json(refusal.status(handler))
        response: Response = await original(method, path, headers, body, query, *rest)
        return response

    return answer


def _wrong_event(method: str, path: str, body: bytes, query: Query) -> Refusal | None:
    """Lambda's refusal of an event that is too large or not JSON (API reference, Invoke); None for another request."""
    matched = operation_of_path("lambda", method, path, query)
    if matched is None or matched[0].name != "Invoke":
        return None
    if len(body) > _LARGEST_EVENT:
        message = f"Request must be smaller than {_LARGEST_EVENT} bytes for the InvokeFunction operation"
        return Refusal("Lambda", "RequestTooLargeException", message)
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        return Refusal("Lambda", "InvalidRequestContentException", f"Could not parse request body into json: {error}")
    return None


def _is_operation(service: str, method: str, path: str, query: Query) -> bool:
    """Whether AWS has a path, also decoded once more: the emulator's Lambda does so, and serves any version in it."""
    matched, decoded = (operation_of_path(service, method, it, query) for it in (path, unquote(path)))
    return matched is not None and decoded is not None and matched[0].name == decoded[0].name


def _takes_object(service: str, method: str, path: str, query: Query) -> bool:
    """Whether an operation's body has members, and is not the event for a function."""
    matched = operation_of_path(service, method, path, query)
    shape = matched[0].input_shape if matched else None
    return shape is not None and "payload" not in shape.serialization
