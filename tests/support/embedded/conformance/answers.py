"""Compares one answer of the embedded AWS with botocore's model of its operation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

from botocore.model import OperationModel, Shape, StructureShape
from botocore.parsers import create_parser

from tests.support.embedded.conformance.operations import Answer, operation
from tests.support.embedded.conformance.values import check_headers, check_json, check_xml

_ERRORS: Final = 300
_NOT_MODIFIED: Final = 304


@dataclass(frozen=True, order=True, kw_only=True)
class Difference:
    """One difference between an answer and the model.

    Attributes:
        service: botocore's name of the service.
        operation: the operation's name, or the known part of it.
        where: the path to the member, "error" for an error, or "" for the answer itself.
        what: description of the difference.
    """

    service: str
    operation: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}: {self.where or 'answer'} {self.what}"


def differences(answer: Answer) -> Iterator[Difference]:
    """Yield all differences between an answer and the model."""
    model = operation(answer)
    if model is None:
        name = answer.action or answer.target or f"{answer.method} {answer.path}"
        if answer.status < _ERRORS:
            yield Difference(service=answer.signed_for, operation=name, where="", what="is of no known operation")
        return
    found = _error(model, answer) if answer.status >= _ERRORS else _success(model, answer)
    service = str(model.service_model.service_name)
    for path, what in found:
        yield Difference(service=service, operation=str(model.name), where=".".join(path), what=what)


def protocol(model: OperationModel, answer: Answer) -> str:
    """The protocol that the caller chose, where a service has several."""
    if answer.target:
        return "json"
    if answer.action:
        return "ec2" if model.service_model.protocol == "ec2" else "query"
    return answer.protocol or str(model.service_model.protocol)


def _success(model: OperationModel, answer: Answer) -> Iterator[tuple[tuple[str, ...], str]]:
    shape = model.output_shape
    kind = protocol(model, answer)
    if kind == "rpc-v2-cbor":
        yield from _cbor(model, answer)
        return
    if shape is None:
        return
    if kind.startswith("rest"):
        yield from check_headers(shape, answer.headers)
    body = _payload(shape) if kind.startswith("rest") else shape
    if body is None or answer.method == "HEAD" or (not answer.body and not _has_body(body)):
        return
    try:
        yield from _json(body, answer) if kind.endswith("json") else _xml(kind, shape, body, answer)
    except (ValueError, ET.ParseError) as error:
        yield (), f"cannot be read: {type(error).__name__}"


def _payload(shape: StructureShape) -> Shape | None:
    """The shape of the body: the payload member, or all members that are not in headers; None for bytes."""
    name = shape.serialization.get("payload")
    if name is None:
        return shape
    payload: Shape = shape.members[name]
    return payload if payload.type_name in ("structure", "list", "map") else None


def _has_body(shape: Shape) -> bool:
    return not isinstance(shape, StructureShape) or any(
        "location" not in member.serialization for member in shape.members.values()
    )


def _json(shape: Shape, answer: Answer) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from check_json(shape, json.loads(answer.content or b"{}"))


def _xml(kind: str, whole: StructureShape, shape: Shape, answer: Answer) -> Iterator[tuple[tuple[str, ...], str]]:
    root = ET.fromstring(answer.content)  # noqa: S314 - written by our own server
    if kind in ("query", "ec2"):
        if wrapper := whole.serialization.get("resultWrapper"):
            children = {child.tag.rpartition("}")[2]: child for child in root}
            if wrapper not in children:
                yield (wrapper,), "is missing"
                return
            root = children[wrapper]
        for child in list(root):
            if child.tag.rpartition("}")[2] in ("requestId", "ResponseMetadata"):
                root.remove(child)
    yield from check_xml(shape, root)


def _cbor(model: OperationModel, answer: Answer) -> Iterator[tuple[tuple[str, ...], str]]:
    parser: Any = create_parser("smithy-rpc-v2-cbor")
    response = {"status_code": answer.status, "headers": dict(answer.headers), "body": answer.content}
    try:
        parsed: Any = parser.parse(response, model.output_shape)
    except Exception as error:  # noqa: BLE001 - callers of botocore would get any of its exceptions
        yield (), f"cannot be read: {type(error).__name__}"
        return
    for name in model.output_shape.required_members if model.output_shape else ():
        if name not in parsed:
            yield (name,), "is missing"


def _error(model: OperationModel, answer: Answer) -> Iterator[tuple[tuple[str, ...], str]]:
    if answer.method == "HEAD" or answer.status == _NOT_MODIFIED:
        return
    code = error_code(answer)
    if code is None:
        yield ("error",), "has no code"
        return
    shapes: Any = model.error_shapes
    statuses = {shape.error_code: shape.metadata.get("error", {}).get("httpStatusCode") for shape in shapes}
    names = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode") for shape in shapes}
    known = statuses if answer.action else names | statuses
    if code not in known:
        yield ("error",), f"is {code}, which the operation does not declare"
    elif known[code] not in (None, answer.status):
        yield ("error",), f"{code} has status {answer.status} instead of {known[code]}"


def error_code(answer: Answer) -> str | None:
    """The code of an error, in any protocol."""
    if answer.headers.get("x-amzn-errortype"):
        return answer.headers["x-amzn-errortype"].partition(":")[0].rpartition("#")[2]
    try:
        found = json.loads(answer.content).get("__type") or json.loads(answer.content).get("code")
        return str(found).partition(":")[0].rpartition("#")[2] if found else None
    except ValueError:
        pass
    try:
        root = ET.fromstring(answer.content)  # noqa: S314 - written by our own server
    except ET.ParseError:
        return None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "Code":
            return element.text
    return None
