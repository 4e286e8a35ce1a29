"""Reads CloudTrail's files with DuckDB, in batches that fit into little memory.

All columns are declared: DuckDB's detection fails on many files, whose parameters have other shapes and differ
only in case.
"""

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from ops.iam.review import query
from ops.iam.review.fields import NOTHING, NeededFields
from ops.iam.review.files import COLUMNS, Problem, Reading, find_files, lines
from ops.iam.review.layouts import LARGEST_EVENT, NotEventsError
from ops.iam.review.usage import Row

_PATH: Final = re.compile(r":role/.*/")
_BATCH_BYTES: Final = 8 << 20
_THREADS: Final = 2
_COUNTS_FROM: Final = Row._fields.index("calls")
# The most different resources of one event that are distinguished. Further ones are unknown: a proposal would merge
# them anyway, and memory is limited.
_MOST_RESOURCES: Final = 500
# The most different values for conditions of one event: a variable in a resource may be a session name.
_MOST_SAID: Final = 200

# Called with the number of files read, and of all files.
Progress = Callable[[int, int], None]


def read_logs(
    folder: Path,
    role: str,
    *,
    fields: NeededFields = NOTHING,
    merge: Callable[[Row], Row] = lambda row: row,
    progress: Progress = lambda *_: None,
) -> tuple[tuple[Row, ...], tuple[Problem, ...], int]:
    """Query a folder of files, or one file, for a role's calls.

    Args:
        merge: gives rows that no condition distinguishes the same text.

    Returns:
        Rows of the query over all days, the files that could not be used, and how many files there are.

    Raises:
        UnusableInputError: there is no such folder, no file in it, or the role's name is invalid.
    """
    paths = find_files(folder)
    problems: list[Problem] = []
    rows: list[Row] = []
    reading = Reading(role=query.role_pattern(role), needed=fields)
    with tempfile.TemporaryDirectory(prefix="hannibal-") as temporary, _connect() as connection:
        batch = Path(temporary) / "events.json"
        sql = _prepare(connection, batch, role, fields)
        file = batch.open("wb")
        try:
            for done, path in enumerate(paths, start=1):
                try:
                    for line in lines(path, reading):
                        file.write(line)
                        if file.tell() >= _BATCH_BYTES:
                            file.close()
                            rows = list(merged([*rows, *map(merge, _query_rows(connection, sql))]))
                            file = batch.open("wb")
                except NotEventsError as error:
                    problems.append(Problem(file=str(path), reason=str(error), serious=error.serious, unusable=True))
                else:
                    for what, number in reading.skipped.items():
                        reason = f"{number:,} records {what}, the others were read"
                        problems.append(Problem(file=str(path), reason=reason, serious=False))
                progress(done, len(paths))
            file.close()
            rows += map(merge, _query_rows(connection, sql))
        finally:
            file.close()
    if sum(problem.unusable for problem in problems) == len(paths):
        # Among others a file of another kind is only reported; alone it is an error.
        problems = [replace(problem, serious=True) for problem in problems]
    return merged(rows), tuple(problems), len(paths)


def _query_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    return [Row(*values) for values in connection.execute(sql).fetchall()]


def _connect() -> duckdb.DuckDBPyConnection:
    """A new DuckDB in memory, in Athena's time zone."""
    connection = duckdb.connect()
    # By default DuckDB gives memory back only where 512 MB are freed at once (`duckdb_settings()`): 200 MB of events
    # took 100 MB more.
    connection.execute(
        f"SET threads = {_THREADS}; SET TimeZone = 'UTC'; SET preserve_insertion_order = false; "
        "SET allocator_bulk_deallocation_flush_threshold = '1MB'"
    )
    return connection


def merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of several answers, merged as if one query had read everything, with the whole ARN of each role."""
    calls: Counter[tuple[object, ...]] = Counter()
    first_calls: dict[tuple[object, ...], str] = {}
    last_calls: dict[tuple[object, ...], str] = {}
    rows_by_key: dict[tuple[object, ...], Row] = {}
    resources_by_event: dict[tuple[str | None, str | None], set[tuple[str | None, str | None]]] = defaultdict(set)
    texts: dict[tuple[str | None, str | None], set[str | None]] = defaultdict(set)
    for log_row in rows:
        named_resources = resources_by_event[log_row.event_source, log_row.event_name]
        if len(named_resources) < _MOST_RESOURCES:
            named_resources.add((log_row.arns, log_row.named))
        row = log_row if (log_row.arns, log_row.named) in named_resources else log_row._replace(arns=None, named=None)
        known_texts = texts[log_row.event_source, log_row.event_name]
        if len(known_texts) < _MOST_SAID:
            known_texts.add(log_row.said)
        row = row if row.said in known_texts else row._replace(said=None)
        key = row[:_COUNTS_FROM]
        rows_by_key.setdefault(key, row)
        calls[key] += row.calls
        first_calls[key] = min(first_calls.get(key, row.first_call), row.first_call)
        last_calls[key] = max(last_calls.get(key, row.last_call), row.last_call)
    # Sessions without their issuer do not tell its path, and no account has two roles of one name.
    known_arns = sorted((row.issuer for row in rows_by_key.values() if row.issuer), key=len)
    whole_arns = {_PATH.sub(":role/", arn): arn for arn in known_arns}
    return tuple(
        row._replace(
            issuer=whole_arns.get(row.issuer or "", row.issuer),
            calls=calls[key],
            first_call=first_calls[key],
            last_call=last_calls[key],
        )
        for key, row in rows_by_key.items()
    )


def _prepare(connection: duckdb.DuckDBPyConnection, batch: Path, role: str, fields: NeededFields) -> str:
    """Create the audit database's view over the batch, and return the query."""
    columns = ", ".join(f"{_sql_quote(name)}: {_sql_quote(kind)}" for name, kind in COLUMNS.items())
    projected = query.view_columns(frozenset(name.lower() for name in COLUMNS))
    batch.touch()
    connection.execute(
        # This project's names, and a quoted path.
        f"CREATE TEMP VIEW cloudtrail_logs AS SELECT {projected}, "  # noqa: S608
        "CAST(NULL AS VARCHAR) AS eventID, replace(left(files.eventTime, 10), '-', '/') AS day "
        f"FROM read_json({_sql_quote(str(batch))}, format = 'newline_delimited', columns = {{{columns}}}, "
        f"maximum_object_size = {LARGEST_EVENT}) AS files"
    )
    return query.duckdb_sql(role, None, fields)


def _sql_quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
