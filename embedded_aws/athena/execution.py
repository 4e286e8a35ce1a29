"""Runs one query on DuckDB over the necessary files in S3.

DuckDB's SQL can read and write any file of this machine, attach databases and load extensions from the network, and any
caller of Athena may send a query: each is limited to the files of its tables (DuckDB documentation, "Securing DuckDB").
"""

import logging
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
from sqlglot import exp

from embedded_aws.athena import emulator, query
from embedded_aws.athena.catalogue import QueryError, Table, View, find, partitions
from embedded_aws.athena.scan import Scan
from embedded_aws.core.patching import Function, wrap

# The folders that the emulator has created for this task's query; None outside of a query.
_FOLDERS: Final[ContextVar[list[str] | None]] = ContextVar("hannibal_athena_folders", default=None)
_TYPES = emulator.duckdb_types | {"TIMESTAMP WITH TIME ZONE": "timestamp with time zone"}
Result = dict[str, Any]  # Columns, their types, and rows, in the emulator's format of a result

logger = logging.getLogger("embedded_aws.athena")


def install() -> None:
    """Confine the queries that the emulator runs by itself."""
    emulator.rewrite_data_paths.wrap(_remember_folders)
    wrap(duckdb, "connect", _connect)


def connect(folders: Iterable[str | Path]) -> duckdb.DuckDBPyConnection:
    """Open a database in memory whose SQL can never reach files outside these folders."""
    return _confine(duckdb.connect(":memory:"), folders)


def _confine(connection: duckdb.DuckDBPyConnection, folders: Iterable[str | Path]) -> duckdb.DuckDBPyConnection:
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
    return connection if folders is None else _confine(connection, folders)


def _type_name(duckdb_type: str) -> str:
    if duckdb_type.endswith("]"):
        return "array"
    return _TYPES.get(duckdb_type.partition("(")[0], "varchar")


def _text(value: object) -> str | None:
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
    written = _text(value)
    return "null" if written is None else written


def needs_duckdb(parsed: exp.Query, database: str) -> bool:
    """Whether the emulator cannot run a query: it reads a view, CloudTrail's files, or no table."""
    read = [find(table.db or database, table.name) for table in query.tables(parsed)]
    return not read or any(isinstance(one, View) or (one and one.holds_cloudtrail_files) for one in read)


def run(parsed: exp.Query, database: str, scan: Scan) -> Result:
    """Run a query. Raises QueryError: it fails, with Athena's reason; ScanLimitError: it reads more than it may."""
    with tempfile.TemporaryDirectory(prefix="athena-") as folder, connect([folder]) as connection:
        reader = _Reader(connection, scan, Path(folder))
        sql = query.translate(parsed, database, reader.read)
        logger.debug("running %s", sql)
        try:
            result = connection.execute(sql)
            rows = result.fetchall()
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        description = result.description or []
        return {
            "columns": [column[0] for column in description],
            "column_types": [_type_name(str(column[1])) for column in description],
            "rows": [[_text(value) for value in row] for row in rows],
        }


class _Reader:
    """Creates a DuckDB view for each table that a query reads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scan: Scan, folder: Path) -> None:
        self._connection = connection
        self._scan = scan
        self._folder = folder
        self._made = 0

    def read(self, table: Table, conditions: list[exp.Expr]) -> str:
        self._made += 1
        name = f"table_{self._made}"
        if table.holds_cloudtrail_files:
            relation = self._cloudtrail_rows(table, conditions, self._folder / f"{name}.json")
        else:
            relation = self._other_files(table, self._folder / name)
        self._connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {relation}")  # noqa: S608 - names made here
        return name

    def _cloudtrail_rows(self, table: Table, conditions: list[exp.Expr], path: Path) -> str:
        chosen = query.matching_partitions(
            partitions(table, datetime.now(tz=UTC)), table.partition_keys, conditions, self._connection
        )
        self._scan.write_rows(table, chosen, path)
        types = {name: kind.sql(dialect="duckdb") for name, kind in table.columns.items()}
        types |= dict.fromkeys(table.partition_keys, "VARCHAR")
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        return f"read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})"

    def _other_files(self, table: Table, folder: Path) -> str:
        workdirs: list[str] = []
        copied = emulator.copy_table_files(table.location, workdirs)
        files = [str(folder / Path(file).relative_to(workdirs[0])) for file in copied]
        for workdir in workdirs:
            # Into the folder that the query may read, and that is removed after it.
            shutil.move(workdir, folder)
        for file in files:
            self._scan.count(Path(file).stat().st_size)
        if not files:
            return emulator.empty_relation(table.definition)
        return emulator.table_relation(table.definition, files)
