"""What a reviewer should know about a change: one finding for each fact, in one form for every subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from os.path import commonprefix

from ops.review.changes import Change, Place
from ops.templates.differences import Leaf, leaves
from ops.templates.values import Json, canonical, written

Claim = tuple[str, ...]
_LONGEST = 100  # characters of a value in a message
EVERYWHERE = Place(stack="", logical_id="", path="all stacks")


class Severity(IntEnum):
    """How much a finding matters."""

    HARMLESS = 0
    LOOK = 1
    RISK = 2


class Subject(StrEnum):
    """What a finding is about, in the order in which a report tells it."""

    DATA = "data"
    MONTH = "month"
    PERMISSIONS = "permissions"
    EXPOSURE = "exposure"
    MONITORING = "monitoring"
    REPLACEMENT = "replacement"
    STACKS = "stacks"
    COST = "cost"
    RULES = "rules"
    NOT_JUDGED = "not-judged"

    @property
    def heading(self) -> str:
        """Its heading in a report."""
        return _TITLES[self]


_TITLES = {
    Subject.DATA: "Data at risk",
    Subject.MONTH: "What breaks a running month",
    Subject.PERMISSIONS: "Permissions",
    Subject.EXPOSURE: "What is opened",
    Subject.MONITORING: "What is monitored less",
    Subject.REPLACEMENT: "What is replaced, and what refers to it",
    Subject.STACKS: "Between and around the stacks",
    Subject.COST: "Monthly cost",
    Subject.RULES: "New findings of cdk-nag, CDK and cfn-lint",
    Subject.NOT_JUDGED: "Not judged by a rule",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a reviewer should know."""

    subject: Subject  # what it is about
    severity: Severity  # whether it must be accepted, only be known, or is harmless
    rule: str  # the rule that says so; `hannibal review --explain` has a page on it
    stack: str  # name of the stack, empty where it is about all
    logical_id: str  # the resource in the template, empty where it is about the stack
    where: str  # the construct path
    message: str  # what happens, in one sentence; names, values and paths stand between backticks
    claims: tuple[Claim, ...] = ()  # the places of the resource that it judges, as the beginnings of their paths


def about(place: Place, subject: Subject, severity: Severity, rule: str, message: str, *claims: str) -> Finding:
    """A finding about a resource, a stack or the application.

    Args:
        place: the resource, also as its change; `Sides.whole` is a stack, `EVERYWHERE` all of them.
        claims: names of the properties and attributes (with a full stop before them) that it judges; ``*`` means all.
    """
    return Finding(
        subject=subject,
        severity=severity,
        rule=rule,
        stack=place.stack,
        logical_id=place.logical_id,
        where=place.path,
        message=message,
        claims=tuple(map(_claim, claims)),
    )


def risk(place: Place, subject: Subject, rule: str, message: str, *claims: str) -> Finding:
    """A finding that must be accepted; the rest as for `about`."""
    return about(place, subject, Severity.RISK, rule, message, *claims)


def look(place: Place, subject: Subject, rule: str, message: str, *claims: str) -> Finding:
    """A finding that is only to be known."""
    return about(place, subject, Severity.LOOK, rule, message, *claims)


def harmless(place: Place, subject: Subject, rule: str, message: str, *claims: str) -> Finding:
    """A finding about what changes nothing."""
    return about(place, subject, Severity.HARMLESS, rule, message, *claims)


def quoted(texts: Iterable[str]) -> str:
    """Texts as a message lists them."""
    return ", ".join(f"`{text}`" for text in texts)


def shown(leaf: Leaf) -> str:
    """The place and both values, cut where they begin to differ."""
    old, new = _text(leaf.old), _text(leaf.new)
    if old == new:  # such as an output of one name in two regions
        old, new = canonical(leaf.old), canonical(leaf.new)
    same = len(commonprefix((old, new)))  # noqa: RUF071 - by characters, not by folders
    start = max(same - 20, 0) if same > _LONGEST // 2 else 0
    return f"`{leaf.shown}` {_cut(old, start, leaf.old)} → {_cut(new, start, leaf.new)}"


def causes(change: Change) -> str:
    """The properties that have a resource replaced, each with the first of its values that differ."""
    parts = []
    for it in change.properties:
        if it.replacement is change.replacement:
            found = list(leaves(it.old, it.new, ("Properties", it.name)))
            parts.append(shown(found[0]) + (" and more" if found[1:] else "") if found else f"`{it.name}`")
    return ", ".join(parts)


def _cut(text: str, start: int, value: Json) -> str:
    if value is None:
        return "nothing"
    end = start + _LONGEST
    return f"`{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}`"


def _text(value: Json) -> str:
    return " ".join(written(value).split()).replace("`", "'")


def _claim(name: str) -> Claim:
    if name == "*":
        return ()
    return (name[1:],) if name.startswith(".") else ("Properties", *name.split("/"))
