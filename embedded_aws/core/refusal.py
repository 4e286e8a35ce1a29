"""The error for a call that AWS would refuse, with AWS's message."""

import functools
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from embedded_aws.core.json_value import json_object
from embedded_aws.core.models import service_model
from embedded_aws.core.patching import Function, Response

_BAD_REQUEST, _INTERNAL_ERROR = 400, 500
# CloudFormation's handler error code for a service's error code (resource type development, "handler error codes").
_HANDLER_CODES = (
    (("AlreadyExists", "Duplicate"), "AlreadyExists"),
    (("NotFound", "DoesNotExist"), "NotFound"),
    (("LimitExceeded",), "ServiceLimitExceeded"),
    (("InUse", "DependencyViolation"), "ResourceConflict"),
)


class Refusal(ValueError):  # noqa: N818 - a refusal is no error of this program
    """AWS would refuse this call. As text, it is CloudFormation's reason for the failure of the resource."""

    def __init__(self, service: str, code: str, message: str) -> None:
        super().__init__(message)
        self.service = service  # as its SDK names it, such as ``Ec2``
        self.code = code  # error code
        self.message = message  # AWS's message, without service and code

    def __str__(self) -> str:
        handler_code = next(
            (name for parts, name in _HANDLER_CODES if any(part in self.code for part in parts)), "InvalidRequest"
        )
        return (
            f'Resource handler returned message: "{self.message} (Service: {self.service}, Status Code: '
            f'{_BAD_REQUEST}, Request ID: {uuid4()}) (SDK Attempt Count: 1)" '
            f"(RequestToken: {uuid4()}, HandlerErrorCode: {handler_code})"
        )

    def status(self, service: str) -> int:
        """The HTTP status of the code in a service's model, by botocore's name."""
        model: Any = service_model(service)  # its stubs declare the codes as numbers
        shape = model.shape_for_error_code(self.code)
        error: dict[str, int] = shape.metadata.get("error", {}) if shape else {}
        return error.get("httpStatusCode", _BAD_REQUEST)

    def as_json(self, status: int = _BAD_REQUEST) -> Response:
        """Make the response of a service with a JSON protocol."""
        body = json.dumps({"__type": self.code, "message": self.message}).encode()
        return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": self.code}, body

    def as_query_xml(self, status: int = _BAD_REQUEST) -> Response:
        """Make the response of a service with the query protocol."""
        written = "<ErrorResponse><Error><Type>Sender</Type>{}</Error><RequestId>{}</RequestId></ErrorResponse>"
        return self._as_xml(written, status)

    def as_ec2_xml(self, status: int = _BAD_REQUEST) -> Response:
        """Make the response of EC2."""
        return self._as_xml("<Response><Errors><Error>{}</Error></Errors><RequestID>{}</RequestID></Response>", status)

    def as_xml(self, status: int = _BAD_REQUEST) -> Response:
        """Make the response of a service whose answers are XML, such as S3."""
        return self._as_xml("<Error>{}<RequestId>{}</RequestId></Error>", status, content_type="application/xml")

    def _as_xml(self, written: str, status: int = _BAD_REQUEST, content_type: str = "text/xml") -> Response:
        error = f"<Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
        return status, {"Content-Type": content_type}, written.format(error, uuid4()).encode()


def internal_failure(message: str, headers: Mapping[str, str]) -> Response:
    """The answer to a request that this machine cannot serve, as on a full disk, in a form that its client can read.

    Clients of XML read it from any service; those of JSON without these headers take other text for the message.
    """
    refusal = Refusal("", "InternalFailure", message)
    is_json = "x-amz-target" in headers or "json" in headers.get("content-type", "")
    return refusal.as_json(_INTERNAL_ERROR) if is_json else refusal.as_query_xml(_INTERNAL_ERROR)


def answering(wrapper: Function, answer: Callable[[Refusal], Response] = Refusal.as_json) -> Function:
    """Convert a wrapper of an operation (`patching.wrap`) that may refuse: it returns a refusal as an answer."""

    @functools.wraps(wrapper)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return wrapper(*args, **kwargs)
        except Refusal as refusal:
            return answer(refusal)

    return call


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Delete what may already be gone, which CloudFormation treats as deleted."""
    try:
        yield
    except Refusal as refusal:
        if "NotFound" not in refusal.code and refusal.code != "NoSuchEntity":
            raise


def json_call(service: str, handler: Callable[[dict[str, Any]], Response], request: dict[str, Any]) -> dict[str, Any]:
    """Call an operation of a JSON protocol without a network request. Raises Refusal: the answer is an error."""
    body = _success(service, handler(request))
    answer: dict[str, Any] = json.loads(body or b"{}")
    return answer


def _success(service: str, response: Response) -> bytes:
    """The body of an answer. Raises Refusal: it is an error."""
    status, _, body = response
    if status >= _BAD_REQUEST:
        code, message = error_of(body) or ("", "")
        raise Refusal(service, code or "InvalidRequest", message)
    return body


def xml_texts(answer: bytes) -> dict[str, str]:
    """The text of each element by its name; the XML was written by this process."""
    return {element.tag.rpartition("}")[2]: element.text or "" for element in ET.fromstring(answer).iter()}  # noqa: S314


def error_of(answer: bytes) -> tuple[str, str] | None:
    """The first code and message in an error, each empty where it has none; None where it is neither JSON nor XML."""
    if (content := json_object(answer)) is not None:
        code = content.get("__type") or content.get("Code") or content.get("code") or ""
        return str(code).rpartition("#")[2], str(content.get("message") or content.get("Message") or "")
    try:
        root = ET.fromstring(answer)  # noqa: S314 - as in `xml_texts`
    except ET.ParseError:
        return None
    return root.findtext(".//{*}Code", ""), root.findtext(".//{*}Message", "")


def query_call(service: str, handler: Callable[[dict[str, str]], Response], request: dict[str, str]) -> dict[str, str]:
    """Call an operation of the query protocol; return each element's text by name. Raises Refusal: it is an error."""
    return xml_texts(_success(service, handler(request)))
