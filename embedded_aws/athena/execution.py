"""Runs one query on DuckDB over the necessary files in S3."""

import logging
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from embedded_aws.athena import emulator, pruning, query, sandbox, values
from embedded_aws.athena.catalogue import Table, View, find
from embedded_aws.athena.errors import QueryError
from embedded_aws.athena.partitions import partitions
from embedded_aws.athena.scan import Scan

# Columns, their types, and rows, in the emulator's format of a result.
Result = dict[str, Any]

logger = logging.getLogger("embedded_aws.athena")


def needs_duckdb(parsed: exp.Query, database: str) -> bool:
    """Whether the emulator cannot run a query: it reads a view, CloudTrail's files, or no table."""
    read = [find(table.db or database, table.name) for table in query.tables(parsed)]
    return not read or any(isinstance(one, View) or (one and one.holds_cloudtrail_files) for one in read)


def run(parsed: exp.Query, database: str, scan: Scan) -> Result:
    """Run a query.

    Raises:
        QueryError: it fails; the message is Athena's reason.
        ScanLimitError: it reads more than it may.
    """
    with tempfile.TemporaryDirectory(prefix="athena-") as folder, sandbox.connect([folder]) as connection:
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
            "column_types": [values.type_name(str(column[1])) for column in description],
            "rows": [[values.text(value) for value in row] for row in rows],
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
        chosen = pruning.matching_partitions(
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
