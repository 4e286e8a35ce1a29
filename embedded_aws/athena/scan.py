"""Reads what a query needs from S3: CloudTrail's files as rows, as their input format and SerDe do on AWS.

The bytes are counted as Athena charges for them, up to the limit of the query's workgroup.
"""

import bisect
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlparse

from sqlglot import exp

from embedded_aws.athena.catalogue import Partition, QueryError, ScanLimitError, Table
from embedded_aws.core.context import JsonValue
from embedded_aws.s3 import emulator as s3

_GZIP = b"\x1f\x8b"
_AFTER_ANY_KEY = "\U0010ffff"


def _events(content: bytes, name: str) -> Iterator[Mapping[str, JsonValue]]:
    """Read a file's events; it may be compressed. Raises QueryError: it is not CloudTrail's; the message names it."""
    try:
        text = gzip.decompress(content) if content.startswith(_GZIP) else content
        records = json.loads(text)["Records"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise QueryError(f"HIVE_CURSOR_ERROR: {name} is not a file of CloudTrail's: {error!r}") from error
    yield from records


def _row(event: Mapping[str, JsonValue], columns: Mapping[str, exp.DataType]) -> dict[str, JsonValue]:
    """Convert an event to the columns of a table: names in any case; a text column receives any value as text."""
    lowered = {name.lower(): value for name, value in event.items()}
    return {name: _convert(lowered.get(name), kind) for name, kind in columns.items()}


def _convert(value: JsonValue, kind: exp.DataType) -> JsonValue:
    if value is None:
        return None
    if kind.is_type(exp.DType.STRUCT):
        fields = {field.name.lower(): cast("exp.DataType", field.args["kind"]) for field in kind.expressions}
        return cast("JsonValue", _row(value, fields)) if isinstance(value, dict) else None
    if kind.is_type(exp.DType.ARRAY):
        return [_convert(item, kind.expressions[0]) for item in value] if isinstance(value, list) else None
    if kind.is_type(exp.DType.MAP):
        inner = kind.expressions[1]
        return {key: _convert(item, inner) for key, item in value.items()} if isinstance(value, dict) else None
    if kind.is_type(exp.DType.TEXT) and not isinstance(value, str):
        # An object in a text column stays JSON, for json_extract_scalar.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


@dataclass(kw_only=True)
class Scan:
    """The bytes that one query has read."""

    limit: int | None = None  # bytes that it may read; None if no workgroup limits it
    scanned: int = 0  # bytes that it has read
    used: bool = False  # whether it ran here; the emulator does not report what it reads
    _keys: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def count(self, size: int) -> None:
        """Add an object's size. Raises ScanLimitError: the limit is exceeded."""
        self.scanned += size
        if self.limit is not None and self.scanned > self.limit:
            raise ScanLimitError

    def objects(self, partition: Partition) -> Iterator[tuple[str, bytes]]:
        """Read each object of a partition: its S3 URI and its content."""
        address = urlparse(partition.location)
        bucket = s3.buckets.get(address.netloc)
        if bucket is None:
            return
        prefix = address.path.lstrip("/")
        if address.netloc not in self._keys:
            self._keys[address.netloc] = sorted(bucket["objects"])
        keys = self._keys[address.netloc]
        # Sorted once and searched for each partition: a table has thousands, most of them empty.
        first, last = (bisect.bisect_left(keys, text) for text in (prefix, prefix + _AFTER_ANY_KEY))
        for key in keys[first:last]:
            content = s3.object_content(address.netloc, key)
            if content:
                self.count(len(content))
                yield f"s3://{address.netloc}/{key}", content

    def write_rows(self, table: Table, partitions: list[Partition], path: Path) -> None:
        """Write the events of CloudTrail files as lines of JSON, with the values of their partition keys."""
        with path.open("w", encoding="utf-8") as file:
            for partition in partitions:
                keys = dict(zip(table.partition_keys, partition.values, strict=True))
                for name, content in self.objects(partition):
                    for event in _events(content, name):
                        line = _row(event, table.columns) | keys
                        file.write(json.dumps(line, ensure_ascii=False) + "\n")
