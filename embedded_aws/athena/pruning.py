"""Selects the partitions that a query needs, by its conditions that contain only partition keys."""

from collections.abc import Iterable, Mapping, Sequence

import duckdb
from sqlglot import exp

from embedded_aws.athena.partitions import Partition


def conditions(table: exp.Table, inherited: Sequence[exp.Expr] = ()) -> list[exp.Expr]:
    """Collect the conditions that every row of a table must meet to be in the result.

    Args:
        table: the table as an expression in the query.
        inherited: conditions on the result of the query that reads the table.
    """
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


def push_down(found: Iterable[exp.Expr], view: exp.Select) -> list[exp.Expr]:
    """Translate conditions on a view's columns into conditions inside it, if these columns are not computed there."""
    plain = {
        projection.alias_or_name.lower(): projection.unalias()
        for projection in view.selects
        if isinstance(projection.unalias(), exp.Column)
    }
    grouped = view.args.get("group") or view.args.get("limit") or view.args.get("distinct")
    passed = []
    for condition in found:
        columns = {column.name.lower() for column in condition.find_all(exp.Column)}
        if not grouped and columns <= plain.keys():
            passed.append(condition.copy().transform(lambda node: _replace_column(node, plain)))
    return passed


def _replace_column(node: exp.Expr, plain: Mapping[str, exp.Expr]) -> exp.Expr:
    return plain[node.name.lower()].copy() if isinstance(node, exp.Column) else node


def matching_partitions(
    all_partitions: list[Partition],
    keys: Sequence[str],
    found: Iterable[exp.Expr],
    connection: duckdb.DuckDBPyConnection,
) -> list[Partition]:
    """Keep the partitions whose key values meet the conditions; DuckDB evaluates them."""
    names = set(keys)
    usable = [one for one in found if {column.name.lower() for column in one.find_all(exp.Column)} <= names]
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
