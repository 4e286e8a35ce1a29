"""Parses a request in any of AWS's protocols except S3's: the operation and its input, with the names of the model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel

from embedded_aws.core.json_value import json_object
from embedded_aws.core.models import service_model
from embedded_aws.core.query_request import read_request

_REST: Final = "rest-json"
_OF_S3: Final = "rest-xml"
Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class SentRequest:
    """A parsed request."""

    operation: str  # like CreateRole; empty for S3 and where the model has no such operation
    content: dict[str, Any]  # empty where it cannot be parsed: the emulator refuses invalid JSON


def is_rest_json(service: str) -> bool:
    """Whether a service, by botocore's name, has the protocol REST-JSON."""
    return bool(service_model(service).metadata["protocol"] == _REST)


def parse_request(
    service: str, *, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query
) -> SentRequest:
    """Parse a request.

    Args:
        service: as botocore names it, like ``iam``.
        path: still percent-encoded.
        headers: with names in lower case.
    """
    protocol = service_model(service).metadata["protocol"]
    if protocol == _OF_S3:
        return SentRequest(operation="", content={})
    if protocol == _REST:
        return _parse_rest_request(service, method, path, body, query)
    if target := headers.get("x-amz-target"):
        return SentRequest(operation=target.rpartition(".")[2], content=json_object(body) or {})
    sent = {**query, **parse_qs(body.decode(errors="replace"), keep_blank_values=True)}
    operation = (sent.get("Action") or [""])[0]
    return SentRequest(operation=operation, content=read_request(service, operation, sent))


def _parse_rest_request(service: str, method: str, path: str, body: bytes, query: Query) -> SentRequest:
    if (matched := operation_of_path(service, method, path, query)) is None:
        return SentRequest(operation="", content={})
    operation, found = matched
    is_data = operation.input_shape and "payload" in operation.input_shape.serialization  # such as a function's event
    content = {} if is_data else json_object(body) or {}
    for name, member in (operation.input_shape.members if operation.input_shape else {}).items():
        location, key = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            content[name] = unquote(found.group(_group(key)))
        elif location == "querystring" and query.get(key) and member.type_name == "string":
            content[name] = query[key][0]
    return SentRequest(operation=operation.name, content=content)


def operation_of_path(
    service: str, method: str, path: str, query: Query
) -> tuple[OperationModel, re.Match[str]] | None:
    """The operation of a REST service for a request, with the parameters in its path; None where no operation matches.

    Raises:
        UnknownServiceError: botocore has no such service.
    """
    for operation, pattern, keys in _paths(service):
        found = pattern.fullmatch(path)
        if found and operation.http["method"] == method and keys <= query.keys():
            return operation, found
    return None


@cache
def _paths(service: str) -> tuple[tuple[OperationModel, re.Pattern[str], frozenset[str]], ...]:
    """Each operation with its path pattern and required query parameters; the most specific ones first."""
    model = service_model(service)
    found = []
    for operation in map(model.operation_model, model.operation_names):
        template, _, required_query = operation.http["requestUri"].partition("?")
        found.append((operation, _pattern(template), frozenset(parse_qs(required_query, keep_blank_values=True))))

    def order(it: tuple[OperationModel, re.Pattern[str], frozenset[str]]) -> tuple[int, int, int]:
        template = it[0].http["requestUri"]
        return template.count("{"), -len(it[2]), -len(template)

    return tuple(sorted(found, key=order))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", template.rstrip("/"))
    written = [re.escape(parts[0])]
    for name, greedy, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        # The emulator decodes a path first, so that the slashes of an ARN are those of the path.
        written.append(
            f"(?P<{_group(name)}>{'.+' if greedy or name.lower().endswith('arn') else '[^/]+'}){re.escape(after)}"
        )
    return re.compile("".join(written) + "/?")


def _group(name: str) -> str:
    return name.replace("-", "_")
