"""Judgements of single properties, as data: which change of which property of which type means what."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import Final, Self

from pydantic import model_validator

from installation import yaml_text
from ops.review.data import DATA
from ops.review.defaults import default_of
from ops.review.finding import Severity, Subject
from ops.templates.differences import Leaf
from ops.templates.normal_form import scalar
from ops.templates.values import Json, items, mapping, number, written

_FOLDER: Final = DATA / "judgements"


class Weight(StrEnum):
    """What a resource type is part of. What weakens one of these is a risk unless a rule says otherwise."""

    NETWORK = "network"
    EDGE = "edge"
    COMPUTE = "compute"
    RELEASE = "release"
    DATA = "data"
    IDENTITY = "identity"
    EVIDENCE = "evidence"
    ALARMS = "alarms"
    DELIVERY = "delivery"
    NONE = "none"

    @property
    def subject(self) -> Subject:
        """The section of the report that it belongs to."""
        return _SUBJECTS.get(self, Subject.MONTH)


_SUBJECTS = {
    Weight.DATA: Subject.DATA,
    Weight.IDENTITY: Subject.PERMISSIONS,
    Weight.NETWORK: Subject.EXPOSURE,
    Weight.EVIDENCE: Subject.MONITORING,
    Weight.ALARMS: Subject.MONITORING,
    Weight.NONE: Subject.NOT_JUDGED,
}


class When(StrEnum):
    """What has to happen to a value."""

    ANY = "any"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RAISED = "raised"
    LOWERED = "lowered"
    ON = "on"
    OFF = "off"
    LOST = "lost"


class Judgement(yaml_text.Data):
    """What one kind of change of some properties means."""

    at: tuple[str, ...]  # paths of the properties, with ``*`` for any one part; what stands below them is meant, too
    when: When = When.ANY  # what has to happen to the value
    to: tuple[str, ...] = ()  # texts with ``*``, one of which the new value has to be
    was: tuple[str, ...] = ()  # texts with ``*``, one of which the old value has to be
    times: float | None = None  # where it is raised, how many times the old value it may be at most
    risk: str = ""
    look: str = ""
    harmless: str = ""
    says: str = ""  # what the change does
    subject: Subject | None = None  # the report's section, where it is not the type's
    in_new: bool = True  # whether it is asked of a new resource, too

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if sum(map(bool, (self.risk, self.look, self.harmless))) != 1:
            raise ValueError(f"{self.at}: one of risk, look and harmless, with the rule's id")
        return self

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return Severity.RISK if self.risk else Severity.LOOK if self.look else Severity.HARMLESS

    @property
    def rule(self) -> str:
        """The rule."""
        return self.risk or self.look or self.harmless

    def fits(self, resource_type: str, leaf: Leaf) -> bool:
        """Whether a difference is one that it judges."""
        return any(_below(pattern, leaf.path) for pattern in self.at) and self.happened(resource_type, leaf)

    def happened(self, resource_type: str, leaf: Leaf) -> bool:
        """Whether what it waits for happened to a value."""
        default = default_of(resource_type, leaf.path[1:])
        old, new = (default if it is None else it for it in (leaf.old, leaf.new))
        if self.to and not any(fnmatchcase(_text(new), pattern) for pattern in self.to):
            return False
        if self.was and not any(fnmatchcase(_text(old), pattern) for pattern in self.was):
            return False
        if self.times is not None and not _at_most(self.times, old, new):
            return False
        return _happened(self.when, old, new, leaf)


class TypeJudgements(yaml_text.Data):
    """What is known about one resource type."""

    weight: Weight = Weight.NONE  # what it is part of
    fixed: bool = False  # whether every change of it that no judgement knows is a risk, also an addition
    # Whether it has no name and holds nothing, so that one of the same content can be made before the old one goes.
    twice: bool = False
    new: Judgement | None = None  # what a new resource of the type means
    gone: str = ""  # the rule for the removal of one, which is a risk; also where nothing is said
    gone_look: str = ""  # the rule for the removal of one that is only to know
    like: str = ""  # a type whose judgements are its own, too
    judgements: tuple[Judgement, ...] = ()  # what changes of its properties mean, the first that fits


# A judgement of a difference.
Judged = tuple[Judgement, Leaf]


@cache
def judgements() -> Mapping[str, TypeJudgements]:
    """All judgements, by resource type; ``*`` are those that hold for every type."""
    found: dict[str, TypeJudgements] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        found |= yaml_text.read(file, dict[str, TypeJudgements])
    return {name: found[it.like] if it.like else it for name, it in found.items()}


def of_type(resource_type: str) -> TypeJudgements:
    """What is known about a type."""
    known = judgements()
    if resource_type.startswith("Custom::") and resource_type not in known:
        return known["Custom::*"]
    return known.get(resource_type, TypeJudgements())


def judgement_of(resource_type: str, leaf: Leaf) -> Judgement | None:
    """The first judgement that knows a difference."""
    its = of_type(resource_type)
    for judgement in (*judgements()["*"].judgements, *its.judgements):
        if judgement.fits(resource_type, leaf):
            return judgement
    return None


def in_new_resource(resource_type: str, properties: Json) -> Iterator[Judged]:
    """Risks that single properties of a new resource are."""
    leaf = Leaf(path=("Properties",), old=None, new=properties)
    return (it for it in within_added(resource_type, leaf) if it[0].in_new)


def within_added(resource_type: str, added: Leaf) -> Iterator[Judged]:
    """Risks that single values are within something that was added whole: a resource's properties, or an object."""
    for judgement in of_type(resource_type).judgements:
        if judgement.severity is not Severity.RISK or (judgement.when in _NOT_IN_NEW and not judgement.to):
            continue
        for pattern in judgement.at:
            depth, parts = len(added.path), _parts(pattern)
            if len(parts) <= depth or not _fits(added.path, parts[:depth]):
                continue
            for path, value in _values_at(added.new, parts[depth:], added.path):
                leaf = Leaf(path=path, old=None, new=value)
                if judgement.happened(resource_type, leaf):
                    yield judgement, leaf


_NOT_IN_NEW = frozenset(
    {When.ANY, When.CHANGED, When.REMOVED, When.OFF, When.LOST, When.RAISED, When.LOWERED, When.ADDED}
)


def _values_at(value: Json, pattern: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    if not pattern:
        yield path, value
    elif isinstance(value, list):
        key, named, text = pattern[0].partition("=")
        for number_, child in enumerate(value):
            if not named or fnmatchcase(str(mapping(child).get(key)), text):
                yield from _values_at(child, pattern[1:], (*path, f"{key}={text}" if named else str(number_)))
    else:
        for key, child in mapping(value).items():
            if fnmatchcase(key, pattern[0]):
                yield from _values_at(child, pattern[1:], (*path, key))


def _parts(pattern: str) -> tuple[str, ...]:
    """The parts of a path from the resource on; one that begins with a full stop is not in its properties."""
    return tuple((pattern[1:] if pattern.startswith(".") else f"Properties/{pattern}").split("/"))


def _below(pattern: str, path: tuple[str, ...]) -> bool:
    parts = _parts(pattern)
    return len(parts) <= len(path) and _fits(path[: len(parts)], parts)


def _fits(path: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return all(fnmatchcase(it, part) for it, part in zip(path, parts, strict=True))


def _happened(when: When, old: Json, new: Json, leaf: Leaf) -> bool:
    simple = {
        When.ANY: True,
        When.ADDED: leaf.old is None,
        When.REMOVED: leaf.new is None,
        When.CHANGED: leaf.old is not None and leaf.new is not None,
        When.ON: scalar(new) == "true" and scalar(old) != "true",
        When.OFF: scalar(old) == "true" and scalar(new) != "true",
        When.LOST: bool(_missing(old, new)),
    }
    if when in simple:
        return simple[when]
    before, after = number(old), number(new)
    if before is None or after is None:
        return False
    return after > before if when is When.RAISED else after < before


def _at_most(times: float, old: Json, new: Json) -> bool:
    before, after = number(old), number(new)
    return before is not None and after is not None and after <= times * before


def _missing(old: Json, new: Json) -> list[Json]:
    """What a list had and has no more; the whole of a value that is gone."""
    if new is None:
        return items(old)
    return [it for it in items(old) if it not in items(new)] if isinstance(new, list) else []


def _text(value: Json) -> str:
    return "" if value is None else written(scalar(value))
