"""The query of the review, in Athena's SQL. DuckDB runs the same text, translated by sqlglot."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from string import Template

import sqlglot

from installation.aws_facts import cloudtrail_schema as schema
from ops.errors import UnusableInputError
from ops.iam.review import events, resources
from ops.iam.review.fields import NOTHING, NeededFields

_SQL = Path(__file__).parent / "used.sql"
# IAM's own rule for names of roles and for paths (IAM API reference, CreateRole); none of it needs escaping in SQL.
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_SEPARATOR = " "
_EARLIEST, _LATEST = date(2013, 11, 13), date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days of a review, whole days in UTC."""

    first: date  # the first day
    last: date  # the last day

    @classmethod
    def ending(cls, last: date, days: int) -> "Window":
        """A window of some days that ends with a day.

        Raises:
            UnusableInputError: the day is before CloudTrail existed, or far in the future.
        """
        if not _EARLIEST <= last <= _LATEST:
            raise UnusableInputError(f"no records can end on {last}", "CloudTrail began in November 2013.")
        return cls(first=last - timedelta(days=days - 1), last=last)

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1


def role_pattern(role: str) -> str:
    """A regular expression for the ARN of a role that is given by its name or its ARN.

    Raises:
        UnusableInputError: it is neither a name nor an ARN.
    """
    if _ARN.fullmatch(role):
        start, name = re.escape(role).rsplit("/", 1)
        # A session's ARN, from which a missing issuer is told, has no path: no account has two roles of one name.
        return f"^{start.partition('/')[0]}/({start.partition('/')[2]}/)?{name}$"
    if _NAME.fullmatch(role):
        # A role may have a path, and one name may be the end of another.
        return f"^arn:aws[a-z-]*:iam::[0-9]+:role/([^ ]*/)?{re.escape(role)}$"
    raise UnusableInputError(f"{role!r} is no role's name", "Give its name or its ARN, without the session's name.")


def athena_sql(role: str, window: Window | None, fields: NeededFields = NOTHING) -> str:
    """The query for Athena, over a window or over all records."""
    first = window.first if window else date(2000, 1, 1)
    after = window.last + timedelta(days=1) if window else date(2200, 1, 1)
    return Template(_SQL.read_text(encoding="utf-8")).substitute(
        role=role_pattern(role).replace("'", "''"),
        # A file's folder is the day of its delivery, which is never earlier than its events.
        first_folder=f"{first:%Y/%m/%d}",
        since=f"{first:%Y-%m-%d} 00:00:00",
        until=f"{after:%Y-%m-%d} 00:00:00",
        parameters=_parameters_sql(),
        named=_resources_sql(),
        said=fields.sql,
    )


@lru_cache(maxsize=32)
def duckdb_sql(role: str, window: Window | None, needed: NeededFields) -> str:
    """The same query for DuckDB."""
    return sqlglot.transpile(athena_sql(role, window, needed), read="athena", write="duckdb")[0]


@cache
def view_columns(wanted: frozenset[str]) -> str:
    """Columns of the audit database's view as DuckDB's SQL over a table with the same columns as CloudTrail's files."""
    view = sqlglot.parse_one(schema.view_sql(table="files"), read="athena")
    chosen = [column for column in view.expressions if column.alias_or_name.lower() in wanted]
    return ", ".join(column.sql(dialect="duckdb") for column in chosen)


def parse_parameters(parameters: str | None) -> frozenset[str]:
    """The parameters of a row's requests."""
    return frozenset((parameters or "").split())


def today() -> date:
    """The day now, in UTC, as CloudTrail counts."""
    return datetime.now(UTC).date()


def _parameters_sql() -> str:
    """SQL for the relevant parameters of a request, as one text."""
    parts = [
        f"CASE WHEN {_json(name)} IS NOT NULL THEN '{name}{_SEPARATOR}' ELSE '' END" for name in events.parameters()
    ]
    # One expression for all names: each takes memory of its own.
    names = "|".join(name.rpartition(".")[2] for name in events.rules().tags)
    has_tags = f"""regexp_like(CAST(requestParameters AS varchar), '"({names})"\\s*:')"""
    parts.append(f"CASE WHEN {has_tags} THEN '{events.TAGS}{_SEPARATOR}' ELSE '' END")
    return "(" + " || ".join(parts) + ")"


def _resources_sql() -> str:
    """SQL for the parameters that name a resource, one per line, as a name and its JSON."""
    cases = []
    for source, names in resources.parameters().items():
        lines = (f"COALESCE('{name}=' || json_format({_json(name)}) || '\n', '')" for name in names)
        cases.append(f"WHEN '{source}' THEN {' || '.join(lines)}")
    return f"CASE eventSource {' '.join(cases)} END"


def _json(parameter: str) -> str:
    path = "".join(f'["{part}"]' for part in parameter.split("."))
    return f"json_extract(requestParameters, '${path}')"
