"""What is added to tables, where queries and the deployment accept it: columns over files, indexes of DynamoDB."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Json, at, canonical, items, mapping, written

_TYPES: Final = ("bigint", "boolean", "date", "double", "int", "string", "timestamp")
_BY_PATTERN: Final = re.compile("RegexSerDe|GrokSerDe")  # a column without a group of its pattern fails every query
_NAME: Final = re.compile(r"\w+", re.ASCII)
_PARTS: Final = {"Name", "Type", "Comment"}
_INDEX_PARTS: Final = {"IndexName", "KeySchema", "Projection"}
_INDEXES: Final = "GlobalSecondaryIndexes"
_ATTRIBUTES: Final = "AttributeDefinitions"


def tables(comparison: Comparison) -> Iterator[Finding]:
    """Findings about columns and indexes that are added to tables."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and change.type == "AWS::Glue::Table":
            yield from _columns(change)
        elif change.kind is Kind.CHANGED and change.type == "AWS::DynamoDB::Table":
            yield from _index(change)


def _columns(change: Change) -> Iterator[Finding]:
    """Columns behind the others under names of their own; Athena does not tell capitals from small letters."""
    table = mapping(change.after("TableInput"))
    if table.get("TableType") != "EXTERNAL_TABLE" or _BY_PATTERN.search(canonical(table)):
        return
    named = [*items(at(table, "StorageDescriptor", "Columns")), *items(table.get("PartitionKeys"))]
    names = Counter(written(at(it, "Name")).lower() for it in named)
    for leaf in change.property_leaves:
        new, added = mapping(leaf.new), leaf.old is None and leaf.path[-2:-1] == ("Columns",)
        name = written(new.get("Name"))
        plain = _NAME.fullmatch(name) and new.get("Type") in _TYPES and new.keys() <= _PARTS
        if added and plain and names[name.lower()] == 1:
            message = f"`{name}`: queries can name one more column, behind those that there are"
            yield look(change, Subject.MONITORING, "table-column", message, "/".join(leaf.path[1:]))


def _index(change: Change) -> Iterator[Finding]:
    """One index more, which is all that an update may make (UpdateTable), with all attributes of keys and no others."""
    (old, new), (known, defined) = (
        [[canonical(it) for it in items(side(name))] for side in (change.before, change.after)]
        for name in (_INDEXES, _ATTRIBUTES)
    )
    schemas = [change.after("KeySchema"), *(at(it, "KeySchema") for it in _all_indexes(change))]
    keys = {written(at(it, "AttributeName")) for schema in schemas for it in items(schema)}
    same = keys == {written(at(it, "AttributeName")) for it in items(change.after(_ATTRIBUTES))}
    added = [it for it in map(mapping, items(change.after(_INDEXES))) if canonical(it) not in old]
    hashed = all([at(key, "KeyType") for key in items(it.get("KeySchema"))][:1] == ["HASH"] for it in added)
    plain = hashed and all(it.keys() == _INDEX_PARTS for it in added)
    names = {written(at(it, "IndexName")) for it in _all_indexes(change)}
    one_more = len(new) == len(old) + 1 and {*old} < {*new} and {*known} <= {*defined} and len(keys) == len(defined)
    if (
        one_more
        and plain
        and same
        and len(names) == len(_all_indexes(change))
        and change.before("BillingMode") == change.after("BillingMode") == "PAY_PER_REQUEST"
    ):
        message = "is found by one more index, which costs money with each write"
        yield look(change, Subject.NOT_JUDGED, "not-judged", message, _INDEXES, _ATTRIBUTES)


def _all_indexes(change: Change) -> list[Json]:
    return [it for name in (_INDEXES, "LocalSecondaryIndexes") for it in items(change.after(name))]
