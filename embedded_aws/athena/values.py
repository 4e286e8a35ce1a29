"""Values and types of DuckDB in Athena's format of results."""

from collections.abc import Mapping
from datetime import datetime

from embedded_aws.athena import emulator

_TYPES = emulator.duckdb_types | {"TIMESTAMP WITH TIME ZONE": "timestamp with time zone"}


def type_name(duckdb_type: str) -> str:
    """A type's name in ``GetQueryResults``."""
    if duckdb_type.endswith("]"):
        return "array"
    return _TYPES.get(duckdb_type.partition("(")[0], "varchar")


def text(value: object) -> str | None:
    """A value in the format of ``GetQueryResults``; None for a null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        written = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03}"
        return f"{written} UTC" if value.tzinfo else written
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return str(value)


def _inner(value: object) -> str:
    written = text(value)
    return "null" if written is None else written
