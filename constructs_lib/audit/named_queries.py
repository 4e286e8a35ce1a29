"""The queries of the runbook, as named queries that the Athena console shows."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_athena as athena
from constructs import Construct

QUERY_FOLDER = Path(__file__).parent / "queries"


@dataclass(frozen=True, kw_only=True)
class QueryText:
    """A query as it is in its file."""

    name: str  # the file's name without its extension; the name that the console shows
    title: str  # the comment on the first line
    sql: str  # the whole text, its comment included


def read_queries(folder: Path = QUERY_FOLDER) -> tuple[QueryText, ...]:
    """The queries of a folder, by name.

    Raises:
        ValueError: a file does not start with its title as a comment.
    """
    return tuple(_read_query(file) for file in sorted(folder.glob("*.sql")))


def _read_query(file: Path) -> QueryText:
    sql = file.read_text(encoding="utf-8").strip()
    first_line = sql.partition("\n")[0]
    if not first_line.startswith("-- "):
        raise ValueError(f"{file}: the first line must be the query's title as a comment: -- TITLE")
    return QueryText(name=file.stem, title=first_line.removeprefix("-- "), sql=sql)


class NamedQueries(Construct):
    """Every query of the folder as a named query of a workgroup.

    Args:
        database: the database that the queries read; they name only its view.
    """

    def __init__(self, scope: Construct, construct_id: str, *, workgroup: athena.CfnWorkGroup, database: str) -> None:
        super().__init__(scope, construct_id)
        for query in read_queries():
            athena.CfnNamedQuery(
                self,
                query.name,
                name=query.name,
                description=query.title,
                database=database,
                work_group=workgroup.ref,
                query_string=query.sql,
            )
