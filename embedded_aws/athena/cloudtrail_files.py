"""Converts CloudTrail's files to rows, as their input format and SerDe do on AWS."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import cast

from sqlglot import exp

from embedded_aws.athena.errors import QueryError
from embedded_aws.core.context import JsonValue

_GZIP = b"\x1f\x8b"


def events(content: bytes, name: str) -> Iterator[Mapping[str, JsonValue]]:
    """Read the events of a file; it may be compressed, whatever its name.

    Raises:
        QueryError: it is not a file of CloudTrail; the message names it.
    """
    try:
        text = gzip.decompress(content) if content.startswith(_GZIP) else content
        records = json.loads(text)["Records"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise QueryError(f"HIVE_CURSOR_ERROR: {name} is not a file of CloudTrail's: {error!r}") from error
    yield from records


def row(event: Mapping[str, JsonValue], columns: Mapping[str, exp.DataType]) -> dict[str, JsonValue]:
    """Convert an event to the columns of a table: names in any case; a text column receives any value as text."""
    lowered = {name.lower(): value for name, value in event.items()}
    return {name: _convert(lowered.get(name), kind) for name, kind in columns.items()}


def _convert(value: JsonValue, kind: exp.DataType) -> JsonValue:
    if value is None:
        return None
    if kind.is_type(exp.DType.STRUCT):
        fields = {field.name.lower(): cast("exp.DataType", field.args["kind"]) for field in kind.expressions}
        return cast("JsonValue", row(value, fields)) if isinstance(value, dict) else None
    if kind.is_type(exp.DType.ARRAY):
        return [_convert(item, kind.expressions[0]) for item in value] if isinstance(value, list) else None
    if kind.is_type(exp.DType.MAP):
        inner = kind.expressions[1]
        return {key: _convert(item, inner) for key, item in value.items()} if isinstance(value, dict) else None
    if kind.is_type(exp.DType.TEXT) and not isinstance(value, str):
        # An object in a text column stays JSON, for json_extract_scalar.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value
