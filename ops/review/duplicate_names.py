"""New resources with a name or unique setting that a remaining resource already has."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.data import TYPES
from ops.review.finding import Finding, Subject, risk
from ops.templates.assembly import Assembly
from ops.templates.schemas import schema
from ops.templates.values import Json, Map, at, items, written

# Properties with a list of which each item may have one policy.
_SEVERAL: Final = frozenset({"Topics", "Queues"})
_Key = tuple[str, ...]


def duplicate_names(comparison: Comparison) -> Iterator[Finding]:
    """Findings about resources that would exist twice."""
    candidates = [it for it in comparison.changes if it.kind is Kind.ADDED or _changes_unique_name(it)]
    kinds = {_created_type(it.type) for it in candidates}
    after, before = ({}, {}) if not candidates else (_holders(comparison, kinds, before=it) for it in (False, True))
    for change in candidates:
        sides = comparison.sides[change.stack]
        keys, itself = set(_keys(sides, change.new, comparison.head)), (change.stack, change.logical_id)
        if change.kind is not Kind.ADDED:
            keys -= set(_keys(sides, change.old, comparison.base))
        others = {it for key in keys for it in after.get(key, ())} - {itself}
        for other in sorted(comparison.sides[stack].path(logical_id) for stack, logical_id in others):
            message = f"is what `{other}` is already: AWS refuses it, or one replaces the other"
            yield risk(change, Subject.REPLACEMENT, "made-twice", message)
        # `replacements` reports names.
        owners = {it for key in keys if change.type in TYPES.one_for for it in before.get(key, ())} - others - {itself}
        for other in sorted(comparison.sides[stack].path(logical_id) for stack, logical_id in owners):
            message = (
                f"is what `{other}` is until the same change: CloudFormation makes or updates the one before it "
                f"deletes or updates the other, and AWS refuses it, or both are gone afterwards"
            )
            yield risk(change, Subject.REPLACEMENT, "name-taken", message)


def _changes_unique_name(change: Change) -> bool:
    """Whether one of its unique properties differs, so that it may get the values of another resource."""
    names = TYPES.one_for.get(change.type, change.names)
    return change.kind is Kind.CHANGED and any(change.differs(*name.split("/")) for name in names)


def _holders(comparison: Comparison, kinds: set[str], *, before: bool) -> dict[_Key, set[tuple[str, str]]]:
    """Resources by the unique values of their properties, on one side."""
    holders: dict[_Key, set[tuple[str, str]]] = defaultdict(set)
    whole = comparison.base if before else comparison.head
    for sides in comparison.sides.values():
        for logical_id, resource in (sides.before if before else sides.after).items():
            if _created_type(str(resource.get("Type"))) in kinds:
                for key in _keys(sides, resource, whole):
                    holders[key].add((sides.name, logical_id))
    return holders


def _created_type(resource_type: str) -> str:
    return TYPES.makes.get(resource_type, resource_type)


def _keys(sides: Sides, resource: Map, whole: Assembly) -> Iterator[_Key]:
    """The unique values of a resource's properties, with its type and region."""
    own = str(resource.get("Type"))
    its = schema(_created_type(own), whole.region)
    names = TYPES.one_for.get(own) or (its.name_properties if its else ())
    found = [at(resource.get("Properties"), *name.split("/")) for name in names]
    beginning = _created_type(own), sides.either.region
    if names and names[0] in _SEVERAL:
        yield from ((*beginning, _text(it, sides, whole)) for it in items(found[0]))
    elif any(it is not None for it in (found if own in TYPES.one_for else found[:1])):
        yield (*beginning, *(_text(it, sides, whole) for it in found))


def _text(value: Json, sides: Sides, whole: Assembly) -> str:
    """The text of a name, from a literal or from a reference to it."""
    return "" if value is None else written(whole.values.value(sides.name, value))
