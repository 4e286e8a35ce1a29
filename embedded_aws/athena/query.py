"""Translates a query of Athena for DuckDB: views become their queries, tables become relations of DuckDB.

Conditions that contain only partition keys select the partitions that the query needs.
"""

from collections.abc import Callable, Iterable, Sequence

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from embedded_aws.athena import catalogue
from embedded_aws.athena.catalogue import Partition, QueryError, Table, View

_DEEPEST_VIEW = 16

# Reads a table under the known conditions, and returns its name in DuckDB.
_ReadTable = Callable[[Table, list[exp.Expr]], str]


def _conditions(table: exp.Table, inherited: Sequence[exp.Expr] = ()) -> list[exp.Expr]:
    """Collect what every row of a table must meet, with the conditions on the result of the query that reads it."""
    select = table.parent_select
    if not isinstance(select, exp.Select) or any(join.side for join in select.args.get("joins") or []):
        return []  # an outer join keeps rows that meet no condition
    found = list(inherited)
    if (where := select.args.get("where")) is not None:
        found += where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    alone = len(list(select.find_all(exp.Table))) == 1
    return [one for one in found if _refers_only_to(one, table.alias_or_name, unqualified=alone)]


def _refers_only_to(condition: exp.Expr, alias: str, *, unqualified: bool) -> bool:
    if condition.find(exp.Query) is not None:
        return False
    qualifiers = {column.table.lower() for column in condition.find_all(exp.Column)}
    return qualifiers <= ({alias.lower(), ""} if unqualified else {alias.lower()})


def _push_down(conditions: Iterable[exp.Expr], view: exp.Select) -> list[exp.Expr]:
    """Translate conditions on a view's columns into conditions inside it, if these columns are not computed there."""
    plain = {
        projection.alias_or_name.lower(): projection.unalias()
        for projection in view.selects
        if isinstance(projection.unalias(), exp.Column)
    }
    grouped = view.args.get("group") or view.args.get("limit") or view.args.get("distinct")
    passed = []
    for condition in conditions:
        columns = {column.name.lower() for column in condition.find_all(exp.Column)}
        if not grouped and columns <= plain.keys():
            passed.append(
                condition.copy().transform(
                    lambda node: plain[node.name.lower()].copy() if isinstance(node, exp.Column) else node
                )
            )
    return passed


def matching_partitions(
    all_partitions: list[Partition],
    keys: Sequence[str],
    conditions: Iterable[exp.Expr],
    connection: duckdb.DuckDBPyConnection,
) -> list[Partition]:
    """Keep the partitions whose key values meet the conditions; DuckDB evaluates them."""
    names = set(keys)
    usable = [one for one in conditions if {column.name.lower() for column in one.find_all(exp.Column)} <= names]
    usable = [one for one in usable if one.find(exp.Column) is not None]
    if not usable or not all_partitions:
        return all_partitions
    columns = ", ".join(exp.to_identifier(key, quoted=True).sql() + " VARCHAR" for key in keys)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE partition_values (number INTEGER, {columns})")
    marks = ", ".join("unnest(?)" for _ in range(len(keys) + 1))
    values = zip(*(partition.values for partition in all_partitions), strict=True)
    connection.execute(
        f"INSERT INTO partition_values SELECT {marks}",
        [list(range(len(all_partitions))), *(list(column) for column in values)],
    )
    query = exp.select("number").from_("partition_values").where(*(_without_table(one) for one in usable))
    kept = connection.execute(query.sql(dialect="duckdb")).fetchall()
    return [all_partitions[number] for (number,) in sorted(kept)]


def _without_table(condition: exp.Expr) -> exp.Expr:
    bare = condition.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    return bare


def parse(sql: str) -> exp.Query | None:
    """Read a query; None for another statement, or for more than one. Raises QueryError: it cannot be parsed."""
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


def translate(query: exp.Query, database: str, read_table: _ReadTable) -> str:
    """Write a query as DuckDB's SQL, with Athena's names of columns. Raises QueryError: a table does not exist."""
    named = _name_columns(query.copy())
    _expand(named, database, read_table, (), depth=0)
    return named.sql(dialect="duckdb")


def _expand(
    query: exp.Query, database: str, read_table: _ReadTable, inherited: Sequence[exp.Expr], *, depth: int
) -> None:
    if depth > _DEEPEST_VIEW:
        raise QueryError("VIEW_IS_RECURSIVE: a view reads itself")
    for table in tables(query):
        schema = table.db or database
        source = catalogue.find(schema, table.name)
        if source is None:
            where = f"{table.catalog or 'awsdatacatalog'}.{schema}.{table.name}".lower()
            raise QueryError(f"TABLE_NOT_FOUND: line 1:1: Table '{where}' does not exist")
        outer = inherited if table.parent_select is query else ()
        conditions = _conditions(table, outer)
        alias = table.alias_or_name
        if isinstance(source, View):
            table.replace(_view(source, conditions, read_table, depth).subquery(alias))
        else:
            relation = exp.alias_(exp.to_table(read_table(source, conditions)), alias, table=True)
            table.replace(relation)


def _view(view: View, conditions: list[exp.Expr], read_table: _ReadTable, depth: int) -> exp.Query:
    inner = parse(view.sql)
    if inner is None:
        raise QueryError("INVALID_VIEW: the view's text is no query")
    passed = _push_down(conditions, inner) if isinstance(inner, exp.Select) else []
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
