"""What is added to tables, where queries and the deployment accept it: columns over files, indexes of DynamoDB."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Map, at, canonical, items, mapping, written

# Athena user guide, "Data types in Amazon Athena".
_TYPE: Final = r"(?:bigint|boolean|date|decimal\(\d+(?:,\d+)?\)|double|float|(?:small|tiny)?int|string|timestamp)"
_NESTED: Final = re.compile(rf"(?:array<{_TYPE}|map<{_TYPE},{_TYPE}|struct<\w+:{_TYPE}(?:,\w+:{_TYPE})*)>", re.ASCII)
_BY_PATTERN: Final = re.compile(r"RegexSerDe|GrokSerDe|avro\.schema\.literal")  # one column more has no values there
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_PARTS: Final = {"Name", "Type", "Comment"}
_INDEX_PARTS: Final = {"IndexName", "KeySchema", "Projection"}
_INDEX_NAME: Final = re.compile(r"[\w.-]{3,255}", re.ASCII)
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
        plain = _NAME.fullmatch(name) and _is_type(written(new.get("Type"))) and new.keys() <= _PARTS
        if added and plain and names[name] == 1:
            message = f"`{name}`: queries can name one more column, behind those that there are"
            yield look(change, Subject.MONITORING, "table-column", message, "/".join(leaf.path[1:]))


def _is_type(text: str) -> bool:
    """Whether Athena knows a type: from the inside out, each with parts is replaced by one without."""
    for _ in range(9):  # what is nested deeper stays a risk
        text = _NESTED.sub("decimal(1)", text)
    return bool(re.fullmatch(_TYPE, text, re.ASCII))


def _index(change: Change) -> Iterator[Finding]:
    index = _added_index(change)
    if index is not None and _is_plain(index):
        message = "has one more index: each write costs more, and is refused where a key attribute has another type"
        yield look(change, Subject.NOT_JUDGED, "not-judged", message, _INDEXES, _ATTRIBUTES)


def _added_index(change: Change) -> Map | None:
    """One index more, which is all that an update may make (UpdateTable), with all attributes of keys and no others."""
    had, has = (
        {canonical(it) for name in (_INDEXES, _ATTRIBUTES) for it in items(side(name))}
        for side in (change.before, change.after)
    )
    added = [mapping(it) for it in items(change.after(_INDEXES)) if canonical(it) not in had]
    by_request = change.before("BillingMode") == change.after("BillingMode") == "PAY_PER_REQUEST"
    if not by_request or not had <= has or len(added) != 1:
        return None
    known = [it for name in (_INDEXES, "LocalSecondaryIndexes") for it in items(change.after(name))]
    keys = {written(at(it, "AttributeName")) for one in (change.after(), *known) for it in items(at(one, "KeySchema"))}
    defined = sorted(written(at(it, "AttributeName")) for it in items(change.after(_ATTRIBUTES)))
    names = {written(at(it, "IndexName")) for it in known}
    return added[0] if len(names) == len(known) and defined == sorted(keys) else None


def _is_plain(index: Map) -> bool:
    """Whether name, keys and projection are such as DynamoDB takes (CreateGlobalSecondaryIndexAction), with no more."""
    if index.keys() != _INDEX_PARTS or not _INDEX_NAME.fullmatch(written(index["IndexName"])):
        return False
    if [at(key, "KeyType") for key in items(index["KeySchema"])][:1] != ["HASH"]:
        return False
    projection = mapping(index["Projection"])
    if included := projection.get("NonKeyAttributes"):
        return projection == {"ProjectionType": "INCLUDE", "NonKeyAttributes": included}
    return projection in ({"ProjectionType": "ALL"}, {"ProjectionType": "KEYS_ONLY"})
