"""Limits a query to the files of its tables.

DuckDB's SQL can read and write any file of this machine, attach databases and load extensions from the network, and any
caller of Athena may send a query. Source: DuckDB documentation, "Securing DuckDB".
"""

from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import duckdb

from embedded_aws.athena import emulator
from embedded_aws.core.patching import Function, wrap

# The folders that the emulator has created for this task's query; None outside of a query.
_FOLDERS: Final[ContextVar[list[str] | None]] = ContextVar("hannibal_athena_folders", default=None)


def install() -> None:
    """Confine the queries that the emulator runs by itself."""
    emulator.rewrite_data_paths.wrap(_remember_folders)
    wrap(duckdb, "connect", _connect)


def connect(folders: Iterable[str | Path]) -> duckdb.DuckDBPyConnection:
    """Open a database in memory whose SQL can never reach files outside these folders."""
    return confine(duckdb.connect(":memory:"), folders)


def confine(connection: duckdb.DuckDBPyConnection, folders: Iterable[str | Path]) -> duckdb.DuckDBPyConnection:
    """Limit a connection to files in these folders; this cannot be undone."""
    # The emulator would set this later, when the configuration is locked.
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    # Athena's session is in UTC, and so are CloudTrail's times.
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET allow_community_extensions = false")
    connection.execute("SET allowed_directories = $1", [[str(folder) for folder in folders]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


async def _remember_folders(original: Function, *arguments: Any, **named: Any) -> Any:
    answer = await original(*arguments, **named)
    _FOLDERS.set(answer[2])
    return answer


def _connect(original: Function, *arguments: Any, **named: Any) -> Any:
    connection, folders = original(*arguments, **named), _FOLDERS.get()
    return connection if folders is None else confine(connection, folders)
