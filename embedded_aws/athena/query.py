"""Translates a query of Athena for DuckDB: views become their queries, tables become relations of DuckDB."""

from collections.abc import Callable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from embedded_aws.athena import catalogue, pruning
from embedded_aws.athena.catalogue import Table, View
from embedded_aws.athena.errors import QueryError

_DEEPEST_VIEW = 16

# Reads a table under the known conditions, and returns its name in DuckDB.
ReadTable = Callable[[Table, list[exp.Expr]], str]


def parse(sql: str) -> exp.Query | None:
    """Read a query; None for another statement, or for more than one.

    Raises:
        QueryError: it cannot be parsed.
    """
    try:
        statements = sqlglot.parse(sql, read="athena")
    except SqlglotError as error:
        raise QueryError(f"SYNTAX_ERROR: {error}") from error
    statements = [statement for statement in statements if statement is not None]
    return statements[0] if len(statements) == 1 and isinstance(statements[0], exp.Query) else None


def tables(query: exp.Query) -> list[exp.Table]:
    """List the tables and views that a query reads, except those that it defines itself."""
    defined = {cte.alias_or_name.lower() for cte in query.find_all(exp.CTE)}
    found = [table for table in query.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return [table for table in found if table.db or table.name.lower() not in defined]


def translate(query: exp.Query, database: str, read_table: ReadTable) -> str:
    """Write a query as DuckDB's SQL, with the column names that Athena would give.

    Raises:
        QueryError: a table or view does not exist.
    """
    named = _name_columns(query.copy())
    _expand(named, database, read_table, (), depth=0)
    return named.sql(dialect="duckdb")


def _expand(
    query: exp.Query, database: str, read_table: ReadTable, inherited: Sequence[exp.Expr], *, depth: int
) -> None:
    if depth > _DEEPEST_VIEW:
        raise QueryError("VIEW_IS_RECURSIVE: a view reads itself")
    for table in tables(query):
        schema = table.db or database
        found = catalogue.find(schema, table.name)
        if found is None:
            where = f"{table.catalog or 'awsdatacatalog'}.{schema}.{table.name}".lower()
            raise QueryError(f"TABLE_NOT_FOUND: line 1:1: Table '{where}' does not exist")
        outer = inherited if table.parent_select is query else ()
        conditions = pruning.conditions(table, outer)
        alias = table.alias_or_name
        if isinstance(found, View):
            table.replace(_view(found, conditions, read_table, depth).subquery(alias))
        else:
            relation = exp.alias_(exp.to_table(read_table(found, conditions)), alias, table=True)
            table.replace(relation)


def _view(view: View, conditions: list[exp.Expr], read_table: ReadTable, depth: int) -> exp.Query:
    inner = parse(view.sql)
    if inner is None:
        raise QueryError("INVALID_VIEW: the view's text is no query")
    passed = pruning.push_down(conditions, inner) if isinstance(inner, exp.Select) else []
    _expand(inner, view.database, read_table, passed, depth=depth + 1)
    return inner


def _name_columns(query: exp.Query) -> exp.Query:
    """Name each column of the result as Trino does: as written, or ``_col0`` if it has no name.

    DuckDB would use the table's spelling of a name, and an expression's text.
    """
    if not isinstance(query, exp.Select):
        return query
    for index, projection in enumerate(query.expressions):
        if isinstance(projection, exp.Alias | exp.Star) or projection.is_star:
            continue
        name = projection.name if isinstance(projection, exp.Column | exp.Dot) else f"_col{index}"
        projection.replace(exp.alias_(projection.copy(), name, quoted=True))
    return query
