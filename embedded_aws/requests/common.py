"""Refusals that many operations share: bodies that are no JSON objects, unknown tokens and filters, and dry runs."""

import base64
import binascii
import json
import logging
import re
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from botocore.model import OperationModel
from ministack import app

from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_value import json_object
from embedded_aws.core.models import input_shape
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.core.protocols import Query, SentRequest, operation_of_path
from embedded_aws.core.refusal import Refusal, internal_failure
from embedded_aws.core.services import Service, services

logger = logging.getLogger("embedded_aws.requests")

TRIAL: Final = "DryRunOperation"
# Operations whose tokens contain more than the start of a page; they validate these themselves.
_OWN: Final = frozenset({"DescribeAlarms", "DescribeAlarmHistory", "FilterLogEvents", "GetLogEvents", "ListMetrics"})
# Each service's members with filters, and its message for an unknown filter.
_FILTERS: Final = {
    "ec2": (("Filters", "Filter"), "The filter '{name}' is invalid"),
    "rds": (("Filters",), "Unrecognized filter name: {name}"),
}
_URL_SAFE: Final = str.maketrans("+/", "-_")
_NAME: Final = re.compile("<code>([^<]*)</code>")
_LARGEST_EVENT: Final = 6 * 1024**2
# Services whose paths name the operation, by the emulator's names, which are botocore's.
_OF_PATHS: Final = ("fis", "lambda", "scheduler")


def check(handler: str, request: SentRequest) -> None:
    """Refuse a request to a service, given by the emulator's name, for its token or its filters."""
    token = request.content.get("nextToken") or request.content.get("NextToken")
    service = services().get(handler, Service())
    if token is not None and service.token_code and request.operation not in _OWN and not is_offset(str(token)):
        raise Refusal(handler, service.token_code, service.token.format(token=token))
    for member in _FILTERS.get(handler, ((), ""))[0]:
        for name in (str(it.get("Name")) for it in request.content.get(member) or []):
            known = _filter_names(handler, request.operation, member)
            if known and name not in known and not name.startswith("tag:"):
                raise Refusal(handler, "InvalidParameterValue", _FILTERS[handler][1].format(name=name))


def end_trial(handler: str, request: SentRequest) -> None:
    """End a dry run of EC2 that nothing has refused. Raises Refusal: always, for such a request."""
    if handler == "ec2" and str(request.content.get("DryRun")).lower() == "true":
        raise Refusal("Ec2", TRIAL, "Request would have succeeded, but DryRun flag is set.")


def is_offset(token: str) -> bool:
    """Whether a token is an item's number, also in base 64, as in the emulator's and this project's tokens."""
    if token.isdecimal():
        return True
    try:
        return base64.urlsafe_b64decode(token.translate(_URL_SAFE) + "=" * (-len(token) % 4)).decode().isdecimal()
    except (binascii.Error, ValueError):
        return False


@cache
def _filter_names(service: str, operation: str, member: str) -> frozenset[str]:
    """The names of an operation's filters in its documentation; empty if it contains none."""
    shape: Any = input_shape(service, operation)
    found = shape.members.get(member) if shape else None
    names = frozenset(_NAME.findall(found.documentation)) if found is not None else frozenset()
    return names | {"isDefault"} if "is-default" in names else names  # an older name, which CDK's lookups send


def install(_context: ServerContext) -> None:
    """Check before each service.

    For a body that cannot be parsed AWS answers the code only (aws-sdk-perl #237), for a list a text as well
    (aws-sdk-js-v3 #7215).
    """
    for handler in tuple(app.SERVICE_HANDLERS):
        wrap_item(app.SERVICE_HANDLERS, handler, _readable(handler))


def _readable(handler: str) -> Function:
    async def answer(
        original: Function, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
    ) -> Response:
        operation = _operation(handler, method, path, query) if handler in _OF_PATHS else None
        if handler in _OF_PATHS and operation is None:
            return Refusal(handler, "UnknownOperationException", "").as_json(404)
        shape = operation.input_shape if operation else None
        # Whether the body must be an object; a payload, such as the event for a function, may be anything.
        is_object = "x-amz-target" in headers or (shape is not None and "payload" not in shape.serialization)
        if is_object and body and json_object(body) is None:
            said = "Start of list found where not expected" if body.lstrip().startswith(b"[") else ""
            return Refusal(handler, "SerializationException", said).as_json()
        if operation and operation.name == "Invoke" and (refusal := _wrong_event(body)):
            return refusal.as_json(refusal.status(handler))
        try:
            response: Response = await original(method, path, headers, body, query, *rest)
        except Exception as error:
            logger.exception("answering a request to %s", handler)
            return internal_failure(str(error), headers)  # the emulator would answer in JSON, whoever asks
        return response

    return answer


def _wrong_event(body: bytes) -> Refusal | None:
    """Lambda's refusal of an event that is too large or not JSON (API reference, Invoke)."""
    if len(body) > _LARGEST_EVENT:
        message = f"Request must be smaller than {_LARGEST_EVENT} bytes for the InvokeFunction operation"
        return Refusal("Lambda", "RequestTooLargeException", message)
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        return Refusal("Lambda", "InvalidRequestContentException", f"Could not parse request body into json: {error}")
    return None


def _operation(service: str, method: str, path: str, query: Query) -> OperationModel | None:
    """A path's operation, also decoded once more: the emulator's Lambda does so, and serves any version in it."""
    matched, decoded = (operation_of_path(service, method, it, query) for it in (path, unquote(path)))
    return matched[0] if matched and decoded and matched[0].name == decoded[0].name else None
