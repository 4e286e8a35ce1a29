"""Partition projection: computes a table's partitions from its properties, so that nobody must list them.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from embedded_aws.athena.catalogue import Table
from embedded_aws.athena.errors import QueryError

_NOW = re.compile(r"NOW(?:(?P<amount>[+-]\d+)(?P<unit>SECOND|MINUTE|HOUR|DAY|WEEK)S?)?")
# Java's letters for dates, as far as folder names use them.
_JAVA_FORMATS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A folder of a table: the values of its partition keys, and its S3 URI."""

    values: tuple[str, ...]
    location: str


def partitions(table: Table, now: datetime) -> list[Partition]:
    """List all partitions of a table; a table without projection has one.

    Raises:
        QueryError: the properties are invalid.
    """
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
    try:
        return table.parameters[f"projection.{key}.{name}"]
    except KeyError:
        message = f"INVALID_TABLE_PROPERTY: Invalid projection: projection.{key}.{name} is missing"
        raise QueryError(message) from None


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
