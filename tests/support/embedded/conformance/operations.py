"""The service and operation of a request, by botocore's models."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

from botocore.model import OperationModel, ServiceModel

from tests.support.boto_model import service_model

# Services whose name in signatures differs from botocore's.
_SIGNED: Final = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "monitoring": ("cloudwatch",),
    "tagging": ("resourcegroupstaggingapi",),
    "email": ("ses", "sesv2"),
    "states": ("stepfunctions",),
    "cloudcontrolapi": ("cloudcontrol",),
    "sso": ("sso-admin",),
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as it was sent, and parts of its request.

    Attributes:
        signed_for: the service in the request's credential scope.
        target: the header ``X-Amz-Target`` of the JSON protocols.
        action: the parameter ``Action`` of the query protocols.
        copies: whether S3 was asked to copy an object, by a header.
        protocol: the header ``Smithy-Protocol``.
        headers: of the answer, by their names in lower case.
    """

    signed_for: str
    method: str
    path: str
    query: str
    target: str
    action: str
    copies: bool
    protocol: str
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def content(self) -> bytes:
        return self.body.encode("latin-1")


def read(line: str) -> Answer:
    """Read one line of a server's file of answers."""
    return Answer(**({"copies": False} | json.loads(line)))


def operation(answer: Answer) -> OperationModel | None:
    """The operation of an answer; None if botocore has none that fits."""
    # Requests to S3 Control are signed as for S3, and have other paths.
    signed = "s3control" if answer.path.startswith("/v20180820/") else answer.signed_for
    for name in _SIGNED.get(signed, (signed,)):
        model = service_model(name)
        if (found := _name(model, answer)) and found in model.operation_names:
            return model.operation_model(found)
    return None


def _name(model: ServiceModel, answer: Answer) -> str | None:
    if answer.target:
        prefix, _, name = answer.target.rpartition(".")
        # Some SDKs send only the last part of CloudTrail's target.
        return name if str(model.metadata.get("targetPrefix")).endswith(prefix) else None
    if answer.action:
        return answer.action
    if answer.protocol:
        return answer.path.rpartition("/")[2]
    return _by_path(model, answer)


@dataclass(frozen=True, kw_only=True)
class _Route:
    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]
    literals: int


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    model = service_model(service)
    return tuple(
        sorted(
            (
                _route(name, model.operation_model(name).http)
                for name in model.operation_names
                if not model.operation_model(name).deprecated  # a newer operation has the same path
            ),
            key=lambda route: (len(route.query), route.literals),
            reverse=True,
        )
    )


def _route(name: str, http: Mapping[str, Any]) -> _Route:
    path, _, query = http["requestUri"].partition("?")
    parts = re.split(r"(\{\w+\+?\})", path.rstrip("/"))
    pattern = "".join(_part(part) for part in parts)
    literals = sum(len(part) for part in parts if not part.startswith("{"))
    pairs = frozenset(parse_qsl(query, keep_blank_values=True))
    return _Route(name=name, method=http["method"], path=re.compile(pattern + "/?"), query=pairs, literals=literals)


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"


def _by_path(model: ServiceModel, answer: Answer) -> str | None:
    sent = parse_qsl(answer.query, keep_blank_values=True)
    copying = ("CopyObject", "UploadPartCopy")
    names = {name for name, _ in sent}
    for route in _routes(model.service_name):
        if (
            route.method != answer.method
            or (route.name in copying and not answer.copies)
            or not route.path.fullmatch(answer.path)
        ):
            continue
        if all((name, value) in sent if value else name in names for name, value in route.query) and _required(
            model.operation_model(route.name), names
        ):
            return route.name
    return None


def _required(operation: OperationModel, names: set[str]) -> bool:
    """Whether the query has all required parameters of the operation."""
    shape = operation.input_shape
    if shape is None:
        return True
    needed = (shape.members[name].serialization for name in shape.required_members)
    return all(one["name"] in names for one in needed if one.get("location") == "querystring")
