"""Requests in AWS's protocols except S3's, and answers in the query protocol, by botocore's models."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from embedded_aws.core.json_value import json_object
from embedded_aws.core.models import input_shape, service_model

_REST: Final = "rest-json"
_OF_S3: Final = "rest-xml"
Query = Mapping[str, Sequence[str]]


class _Parameters(dict[str, str]):
    """The first value of each parameter, by name."""

    def __init__(self, sent: Mapping[str, Sequence[str]]) -> None:
        super().__init__({name: values[0] for name, values in sent.items() if values})
        self._names = sorted(self)

    def has_below(self, prefix: str) -> bool:
        """Whether a name has this prefix; called for each of a thousand items, so it does not compare all names."""
        place = bisect_left(self._names, f"{prefix}.")
        return place < len(self._names) and self._names[place].startswith(f"{prefix}.")


def read_request(service: str, operation: str, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The request, with the names of the model; empty where the model has no such operation.

    Service and operation are botocore's, like ``iam`` and ``CreateRole``; of a parameter's values the first is used.
    """
    shape = input_shape(service, operation)
    return _structure(shape, "", _Parameters(query)) if shape is not None else {}


def _structure(shape: StructureShape, prefix: str, parameters: _Parameters) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        value = _value(member, f"{prefix}{_name(member, name)}", parameters)
        if value is not None:
            found[name] = value
    return found


def _name(member: Shape, name: str) -> str:
    """The name of a member in requests; for EC2 its own name, or the answer's with an initial capital."""
    serialization = member.serialization
    written: str = serialization.get("queryName") or serialization.get("name", name)
    return written if "queryName" in serialization or written == name else written[:1].upper() + written[1:]


def _value(shape: Shape, prefix: str, parameters: _Parameters) -> Any:
    if isinstance(shape, StructureShape | ListShape | MapShape):
        if not parameters.has_below(prefix):
            return None
        return _compound(shape, prefix, parameters)
    text = parameters.get(prefix)
    if text is not None and shape.type_name in ("integer", "long", "float", "double"):
        try:
            return int(text) if shape.type_name in ("integer", "long") else float(text)
        except ValueError:
            return text  # the service refuses it
    if text is not None and shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _compound(shape: StructureShape | ListShape | MapShape, prefix: str, parameters: _Parameters) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, f"{prefix}.", parameters)
    if isinstance(shape, MapShape):
        entries = _items(shape.value, f"{prefix}.entry", ".value", parameters)
        return {parameters.get(f"{prefix}.entry.{number}.key", ""): item for number, item in enumerate(entries, 1)}
    if shape.serialization.get("flattened"):
        name = shape.member.serialization.get("name")
        return _items(
            shape.member, f"{prefix.rpartition('.')[0]}.{name}".lstrip(".") if name else prefix, "", parameters
        )
    # EC2's requests have no name for the items, although its model has one.
    places = (f"{prefix}.{shape.member.serialization.get('name', 'member')}", f"{prefix}.member", prefix)
    return next((found for it in places if (found := _items(shape.member, it, "", parameters))), [])


def _items(shape: Shape, prefix: str, suffix: str, parameters: _Parameters) -> list[Any]:
    items: list[Any] = []
    for number in count(1):
        item = _value(shape, f"{prefix}.{number}{suffix}", parameters)
        if item is None:
            return items
        items.append(item)
    return items


def result_xml(service: str, operation: str, answer: dict[str, Any]) -> str:
    """The content of an operation's result element; members that the model does not have are left out."""
    shape: Any = service_model(service).operation_model(operation).output_shape
    return _members(shape, answer)


def _members(shape: StructureShape, value: dict[str, Any]) -> str:
    written = []
    for name, member in shape.members.items():
        if value.get(name) is not None:
            tag = member.serialization.get("name", name)
            written.append(f"<{tag}>{_written(member, value[name])}</{tag}>")
    return "".join(written)


def _written(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        tag = shape.member.serialization.get("name", "member")
        return "".join(f"<{tag}>{_written(shape.member, item)}</{tag}>" for item in value)
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds")
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


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
    """Parse a request to a service of botocore; the path is percent-encoded, names of headers are in lower case."""
    protocol = service_model(service).metadata["protocol"]
    if protocol == _OF_S3:
        return SentRequest(operation="", content={})
    if protocol == _REST:
        return _parse_rest_request(service, method, path, body, query)
    if target := headers.get("x-amz-target"):
        return SentRequest(operation=target.rpartition(".")[2], content=_json_content(body))
    sent = {**query, **parse_qs(body.decode(errors="replace"), keep_blank_values=True)}
    operation = (sent.get("Action") or [""])[0]
    return SentRequest(operation=operation, content=read_request(service, operation, sent))


def _json_content(body: bytes) -> dict[str, Any]:
    """The members of a request in JSON; those that are null are absent (Smithy, protocol tests, NullOperation)."""
    return json_object(body, nulls=False) or {}


def _parse_rest_request(service: str, method: str, path: str, body: bytes, query: Query) -> SentRequest:
    if (matched := operation_of_path(service, method, path, query)) is None:
        return SentRequest(operation="", content={})
    operation, match = matched
    is_data = operation.input_shape and "payload" in operation.input_shape.serialization  # such as a function's event
    content = {} if is_data else _json_content(body)
    for name, member in (operation.input_shape.members if operation.input_shape else {}).items():
        location, key = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            content[name] = unquote(match.group(_group(key)))
        elif location == "querystring" and query.get(key) and member.type_name == "string":
            content[name] = query[key][0]
    return SentRequest(operation=operation.name, content=content)


def operation_of_path(
    service: str, method: str, path: str, query: Query
) -> tuple[OperationModel, re.Match[str]] | None:
    """The operation of a REST service for a request, with the parameters in its path; None where none matches.

    Raises UnknownServiceError: botocore has no such service.
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
    paths = []
    for operation in map(model.operation_model, model.operation_names):
        template, _, required_query = operation.http["requestUri"].partition("?")
        paths.append((operation, _pattern(template), frozenset(parse_qs(required_query, keep_blank_values=True))))

    def order(it: tuple[OperationModel, re.Pattern[str], frozenset[str]]) -> tuple[int, int, int]:
        template = it[0].http["requestUri"]
        return template.count("{"), -len(it[2]), -len(template)

    return tuple(sorted(paths, key=order))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", template.rstrip("/"))
    expressions = [re.escape(parts[0])]
    for name, greedy, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        # The emulator decodes a path first, so that the slashes of an ARN are those of the path.
        expressions.append(
            f"(?P<{_group(name)}>{'.+' if greedy or name.lower().endswith('arn') else '[^/]+'}){re.escape(after)}"
        )
    return re.compile("".join(expressions) + "/?")


def _group(name: str) -> str:
    return name.replace("-", "_")
