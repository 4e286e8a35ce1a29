"""Tables and views in the Glue Data Catalog, and the partitions that are computed from a table's properties.

Partition projection: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import base64
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlglot import exp

from embedded_aws.athena import emulator

_VIEW_TEXT = re.compile(r"/\*\s*Presto View:\s*(?P<encoded>\S+)\s*\*/")
_CLOUDTRAIL_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
_NOW = re.compile(r"NOW(?:(?P<amount>[+-]\d+)(?P<unit>SECOND|MINUTE|HOUR|DAY|WEEK)S?)?")
# Java's letters for dates, as far as folder names use them.
_JAVA_FORMATS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


class QueryError(Exception):
    """The query fails; the message is Athena's reason."""


class ScanLimitError(Exception):
    """The query reads more than its workgroup allows, and is cancelled."""

    def __init__(self) -> None:
        super().__init__("Bytes scanned limit was exceeded")


@dataclass(frozen=True, kw_only=True)
class View:
    """An Athena view: its query, and the database of the names in it."""

    sql: str
    database: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table over files in S3."""

    definition: dict[str, Any]  # the table as Glue stores it
    columns: dict[str, exp.DataType]  # its columns with their types, in order
    partition_keys: tuple[str, ...]  # the columns whose value is in the file's key
    parameters: dict[str, str]  # its table properties
    location: str  # S3 URI of its files

    @property
    def holds_cloudtrail_files(self) -> bool:
        """Whether each file contains many events, in CloudTrail's format."""
        return bool(self.definition["StorageDescriptor"].get("InputFormat") == _CLOUDTRAIL_FORMAT)


def find(database: str, name: str) -> View | Table | None:
    """Find a table or view by its name, in any case."""
    definition = emulator.tables.get(f"{database.lower()}/{name.lower()}")
    if definition is None:
        return None
    view = _VIEW_TEXT.search(definition.get("ViewOriginalText") or "")
    if view and (definition.get("Parameters") or {}).get("presto_view") == "true":
        content = json.loads(base64.b64decode(view["encoded"]))
        return View(sql=content["originalSql"], database=content["schema"])
    storage = definition.get("StorageDescriptor") or {}
    columns = {
        column["Name"].lower(): exp.DataType.build(column["Type"], dialect="hive")
        for column in storage.get("Columns") or []
    }
    return Table(
        definition=definition,
        columns=columns,
        partition_keys=tuple(key["Name"].lower() for key in definition.get("PartitionKeys") or []),
        parameters=definition.get("Parameters") or {},
        location=storage.get("Location", ""),
    )


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A folder of a table: the values of its partition keys, and its S3 URI."""

    values: tuple[str, ...]
    location: str


def partitions(table: Table, now: datetime) -> list[Partition]:
    """List all partitions of a table; one without projection has one. Raises QueryError: the properties are invalid."""
    if table.parameters.get("projection.enabled", "false").lower() != "true":
        if table.partition_keys:
            raise QueryError("NOT_SUPPORTED: partitioned tables need projection.enabled here")
        return [Partition(values=(), location=table.location)]
    values = [list(_values(table, key, now)) for key in table.partition_keys]
    return [
        Partition(values=combination, location=_location(table, combination))
        for combination in itertools.product(*values)
    ]


def _location(table: Table, values: tuple[str, ...]) -> str:
    template = table.parameters.get("storage.location.template")
    if template is None:
        folders = "/".join(f"{key}={value}" for key, value in zip(table.partition_keys, values, strict=True))
        return f"{table.location.rstrip('/')}/{folders}/"
    for key, value in zip(table.partition_keys, values, strict=True):
        template = template.replace(f"${{{key}}}", value)
    return template.rstrip("/") + "/"


def _property(table: Table, key: str, name: str) -> str:
    if (value := table.parameters.get(f"projection.{key}.{name}")) is not None:
        return value
    raise QueryError(f"INVALID_TABLE_PROPERTY: Invalid projection: projection.{key}.{name} is missing")


def _values(table: Table, key: str, now: datetime) -> Iterator[str]:
    kind = _property(table, key, "type").strip().lower()
    if kind == "enum":
        yield from _property(table, key, "values").split(",")
    elif kind == "date":
        yield from _dates(table, key, now)
    else:
        raise QueryError(f"NOT_SUPPORTED: projection.{key}.type {kind} is not emulated")


def _dates(table: Table, key: str, now: datetime) -> Iterator[str]:
    pattern = re.sub(r"([a-zA-Z])\1*", lambda match: _JAVA_FORMATS[match[0]], _property(table, key, "format"))
    unit = table.parameters.get(f"projection.{key}.interval.unit", "DAYS")
    if unit.upper() not in {"DAYS", "DAY"}:
        raise QueryError(f"NOT_SUPPORTED: projection.{key}.interval.unit {unit} is not emulated")
    step = timedelta(days=int(table.parameters.get(f"projection.{key}.interval", "1")))
    first, last = (_moment(text.strip(), pattern, now) for text in _property(table, key, "range").split(","))
    while first <= last:
        yield first.strftime(pattern)
        first += step


def _moment(text: str, pattern: str, now: datetime) -> datetime:
    relative = _NOW.fullmatch(text)
    if relative is None:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    if relative["amount"] is None:
        return now
    return now + timedelta(**{f"{relative['unit'].lower()}s": int(relative["amount"])})
