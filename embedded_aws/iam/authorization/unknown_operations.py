"""Applies policies also to services that the emulator lacks, and to operations that it confuses with others.

AWS authorizes before it does anything. The emulator applies policies only to its own services, and answers all other
requests without a check. An allowed request gets AWS's answer for an unknown action, with a code that clients read.

The emulator also serves paths that AWS lacks, and operations that it does not find for its policies: these need the
permission ``UnknownOperation``, which only a star grants. A request that names its operation twice is refused, because
policies would be asked about one and the other might be done.
"""

import json
import re
from typing import Any, Final

from botocore.exceptions import UnknownServiceError
from ministack.core import iam_actions

from embedded_aws.core import emulator as requests
from embedded_aws.core.models import service_model
from embedded_aws.core.patching import AsyncOriginal, Function, Response
from embedded_aws.core.protocols import Query
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import emulator

_FORM: Final = "application/x-www-form-urlencoded"
_UNKNOWN: Final = "UnknownOperation"
_INVOCATION: Final = re.compile(r".*/functions/[^/]+/(response-streaming-)?invocations/*")
_IN_PATH: Final = re.compile("/operation/([^/?]+)")  # of the protocol with CBOR
_UNSUPPORTED: Final = b'{"error": "Unsupported service: '


class _Namespaces(dict[str, str]):
    """IAM's prefixes by service; for a service that the emulator lacks, its signing name."""

    def get(self, service: str, default: Any = None) -> Any:
        return super().get(service, default or service)


class _Models(dict[str, list[str]]):
    """botocore's models by service, whose paths identify operations; for other services, the model of the same name."""

    def __contains__(self, service: object) -> bool:
        return True

    def get(self, service: str, default: Any = None) -> Any:
        return super().get(service, default or [service])


def install() -> None:
    """Authorize also what the emulator would not authorize."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE = _Namespaces(iam_actions.SERVICE_TO_IAM_NAMESPACE)
    emulator.use_models(_Models(emulator.models))
    emulator.lambda_action.wrap(_lambda_action)
    emulator.action_of_request.wrap(_action)
    requests.dispatch.wrap(_add_error_code)
    requests.dispatch.wrap(_require_one_name)


def _lambda_action(_original: Function, method: str, path: str) -> str | None:
    """Lambda's permissions are named like its operations, which botocore's paths identify; only this one differs."""
    return "InvokeFunction" if method == "POST" and _INVOCATION.fullmatch(path) else None


def _action(
    original: Function, service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: Query
) -> str | None:
    """The permission that a request needs; None only for S3, which decides itself."""
    is_rest = _is_rest(service)
    if is_rest:  # only the path names the operation, whatever else the request contains
        headers = {name: value for name, value in headers.items() if name != "x-amz-target"}
        body, query = b"", {name: values for name, values in query.items() if name != "Action"}
    action: str | None = original(service, method, path, headers, body, query)
    if action or service == "s3":
        return action
    in_path = None if is_rest else _IN_PATH.search(path)
    # The emulator reads a form whatever its content type.
    name = in_path[1] if in_path else emulator.action_parameter({}, body, _FORM) or _UNKNOWN
    return f"{iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)}:{name}"


def _is_rest(service: str) -> bool:
    if service == "ses":  # its first version is not
        return False
    try:
        protocols = [service_model(name).metadata["protocol"] for name in emulator.models.get(service, [service])]
    except UnknownServiceError:
        return False
    return all(protocol.startswith("rest-") for protocol in protocols)


async def _require_one_name(
    original: AsyncOriginal, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
) -> Response:
    in_query = emulator.action_parameter(query, b"", "")
    in_body = emulator.action_parameter({}, body, _FORM if in_query else headers.get("content-type", ""))
    names = (in_query, in_body, emulator.action_of_target(headers), _IN_PATH.search(path))
    if sum(name is not None for name in names) > 1:
        return Refusal("", "InvalidAction", "The request names more than one operation.").as_json()
    return await original(method, path, headers, body, query, *rest)


async def _add_error_code(
    original: Function, method: str, path: str, sent: dict[str, str], *rest: Any, **options: Any
) -> Response:
    status, headers, body = await original(method, path, sent, *rest, **options)
    # Some services of the emulator answer with text, others with bytes.
    if not (body.encode() if isinstance(body, str) else bytes(body)).startswith(_UNSUPPORTED):
        return status, headers, body
    refusal = Refusal("", "InvalidAction", json.loads(body)["error"])
    is_form = sent.get("content-type", "").startswith(_FORM)  # whose clients read XML
    return refusal.as_query_xml(status) if is_form else refusal.as_json(status)
