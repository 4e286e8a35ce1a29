"""Judgements of single properties, as data: what a change of a property of a resource type means."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Final, Self

from pydantic import model_validator

from installation import yaml_text
from ops.review.data import DATA
from ops.review.defaults import default_of
from ops.review.finding import Severity, Subject
from ops.templates.differences import Leaf
from ops.templates.normal_form import scalar
from ops.templates.values import Json, is_function, items, mapping, number, quantity, written

_FOLDER: Final = DATA / "judgements"
_OF_CODE: Final = ("Custom::", "AWS::CloudFormation::CustomResource")


class Weight(StrEnum):
    """What a resource type is a part of. A change that weakens one of these is a risk, unless a rule says otherwise."""

    NETWORK = "network"
    EDGE = "edge"
    COMPUTE = "compute"
    RELEASE = "release"
    DATA = "data"
    IDENTITY = "identity"
    EVIDENCE = "evidence"
    ALARMS = "alarms"
    DELIVERY = "delivery"
    OTHER = "other"
    NONE = "none"

    @property
    def subject(self) -> Subject:
        """The section of the report for it."""
        return _SUBJECTS.get(self, Subject.MONTH)


_SUBJECTS = {
    Weight.DATA: Subject.DATA,
    Weight.IDENTITY: Subject.PERMISSIONS,
    Weight.NETWORK: Subject.EXPOSURE,
    Weight.EVIDENCE: Subject.MONITORING,
    Weight.ALARMS: Subject.MONITORING,
    Weight.OTHER: Subject.NOT_JUDGED,
    Weight.NONE: Subject.NOT_JUDGED,
}


class When(StrEnum):
    """The kind of change of a value that a judgement is about."""

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
    """The meaning of one kind of change of some properties."""

    at: tuple[str, ...]  # paths, with ``*`` for any one part; values below count too. ``**/Name``: a name anywhere
    when: When = When.ANY  # the kind of change
    to: tuple[str, ...] = ()  # texts with ``*``, one of which must match the new value
    was: tuple[str, ...] = ()  # texts with ``*``, one of which must match the old value
    times: float | None = None  # a raised value is at most so many times the old one, a lowered one at least that part
    risk: str = ""
    look: str = ""
    harmless: str = ""
    says: str = ""  # what the change does
    subject: Subject | None = None  # the report's section, where it differs from the type's
    in_new: bool = True  # whether it also judges new resources

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if sum(map(bool, (self.risk, self.look, self.harmless))) != 1:
            raise ValueError(f"{self.at}: one of risk, look and harmless, with the rule's id")
        return self

    @property
    def severity(self) -> Severity:
        """The severity of its findings."""
        return Severity.RISK if self.risk else Severity.LOOK if self.look else Severity.HARMLESS

    @property
    def rule(self) -> str:
        """The rule of its findings."""
        return self.risk or self.look or self.harmless

    def fits(self, resource_type: str, leaf: Leaf) -> bool:
        """Whether it judges a difference."""
        return any(_is_under(pattern, leaf.path) for pattern in self.at) and self.happened(resource_type, leaf)

    def happened(self, resource_type: str, leaf: Leaf) -> bool:
        """Whether a value changed as the judgement describes."""
        default = default_of(resource_type, leaf.path[1:])
        old, new = (default if it is None else it for it in (leaf.old, leaf.new))
        if self.to and not any(fnmatchcase(_text(new), pattern) for pattern in self.to):
            return False
        if self.was and not any(fnmatchcase(_text(old), pattern) for pattern in self.was):
            return False
        if self.times is not None:
            less, more = sorted((_amount(old) or 0, _amount(new) or 0))
            if more > self.times * less:
                return False
        return _is_change(self.when, old, new, leaf)


class TypeJudgements(yaml_text.Data):
    """The judgements about one resource type."""

    weight: Weight = Weight.NONE  # what it is part of
    fixed: bool = False  # whether every change without a judgement is a risk, also an addition
    # Whether it has no name and no data, so that a copy can be created before the old one is deleted.
    twice: bool = False
    renamed: str = ""  # the path of its name: under another one a copy can be created before the old one is deleted
    new: Judgement | None = None  # what a new resource of the type means
    gone: str = ""  # the rule for a removal as a risk; a removal is also a risk without a rule
    gone_look: str = ""  # the rule for a removal that need not be accepted
    like: str = ""  # a type with the same judgements
    judgements: tuple[Judgement, ...] = ()  # of its properties; the first that fits counts


# A judgement, with the difference that it judges.
Judged = tuple[Judgement, Leaf]


@cache
def judgements() -> Mapping[str, TypeJudgements]:
    """All judgements, by resource type; ``*`` is for every type."""
    found: dict[str, TypeJudgements] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        found |= yaml_text.read(file, dict[str, TypeJudgements])
    return {name: found[it.like] if it.like else it for name, it in found.items()}


@lru_cache(maxsize=2_000)
def judgements_of_type(resource_type: str) -> TypeJudgements:
    """The judgements about a type; of a kind of types where the type has none, by the longest pattern that fits."""
    known = judgements()
    patterns = [it for it in known if "::*" in it and fnmatchcase(resource_type, it)]
    return known.get(resource_type) or known.get(max(patterns, key=len, default=""), TypeJudgements())


def judgement_of(resource_type: str, leaf: Leaf) -> Judgement | None:
    """The first judgement that fits a difference, or the most severe of an added object whose every part has one."""
    if (found := _first_judgement(resource_type, leaf)) or leaf.old is not None or is_function(leaf.new):
        return found
    parts = [Leaf(path=(*leaf.path, key), old=None, new=it) for key, it in mapping(leaf.new).items()]
    its = [it for part in parts if (it := judgement_of(resource_type, part))]
    return max(its, key=lambda it: it.severity, default=None) if len(its) == len(parts) else None


def _first_judgement(resource_type: str, leaf: Leaf) -> Judgement | None:
    known, its = judgements(), judgements_of_type(resource_type)
    # A type with a weight is known to the review, even where no property of it is judged.
    unknown = its.weight in (Weight.OTHER, Weight.NONE)
    rest = known["**"].judgements if unknown and not its.judgements else ()
    # The names are those of AWS: what a property of a custom resource means its code decides.
    safer = () if resource_type.startswith(_OF_CODE) else known["safer"].judgements
    for judgement in (*known["*"].judgements, *its.judgements, *safer, *rest):
        if judgement.fits(resource_type, leaf):
            return judgement
    return None


def in_new_resource(resource_type: str, properties: Json) -> Iterator[Judged]:
    """The risks in single properties of a new resource."""
    leaf = Leaf(path=("Properties",), old=None, new=properties)
    return (it for it in within_added(resource_type, leaf) if it[0].in_new)


def within_added(resource_type: str, added: Leaf) -> Iterator[Judged]:
    """The risks in single values of an added object or of the properties of an added resource."""
    for judgement in judgements_of_type(resource_type).judgements:
        if judgement.severity is not Severity.RISK or (judgement.when is not When.ON and not judgement.to):
            continue
        for pattern in judgement.at:
            depth, parts = len(added.path), _parts(pattern)
            if len(parts) <= depth or not _matches_path(added.path, parts[:depth]):
                continue
            for path, value in _values_at(added.new, parts[depth:], added.path):
                leaf = Leaf(path=path, old=None, new=value)
                if judgement.happened(resource_type, leaf):
                    yield judgement, leaf


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
    """The parts of a path, from the resource on; a path with a full stop at its beginning is outside of properties."""
    return tuple((pattern[1:] if pattern.startswith(".") else f"Properties/{pattern}").split("/"))


def _is_under(pattern: str, path: tuple[str, ...]) -> bool:
    if pattern.startswith("**/"):
        named = [it for it in path[1:] if not (it.isdigit() or it == "-" or "=" in it)]
        end = "/".join(named[-1 - pattern.count("/", 3) :])
        return path[0] == "Properties" and fnmatchcase(end, pattern[3:])
    parts = _parts(pattern)
    return len(parts) <= len(path) and _matches_path(path[: len(parts)], parts)


def _matches_path(path: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return all(fnmatchcase(it, part) for it, part in zip(path, parts, strict=True))


def _is_change(when: When, old: Json, new: Json, leaf: Leaf) -> bool:
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
    before, after = _amount(old), _amount(new)
    if before is None or after is None or (len(_units(old)) > 1) != (len(_units(new)) > 1):
        return False
    return after > before if when is When.RAISED else after < before


def _units(value: Json) -> str:
    """The unit of an amount: those of Docker and those of task sizes count otherwise."""
    return "" if number(value) is not None else str(value).strip().lower().lstrip("0123456789. ")


def _amount(value: Json) -> float | None:
    return quantity(value) if number(value) is None and isinstance(value, str) else number(value)


def _missing(old: Json, new: Json) -> list[Json]:
    """The items that a list no longer has: all items where the value is gone."""
    if new is None:
        return items(old)
    return [it for it in items(old) if it not in items(new)] if isinstance(new, list) else []


def _text(value: Json) -> str:
    return "" if value is None else written(scalar(value))
