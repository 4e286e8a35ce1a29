"""Findings: each is one fact about a change that a reviewer should know."""

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
    """How serious a finding is."""

    HARMLESS = 0
    LOOK = 1
    RISK = 2


class Subject(StrEnum):
    """The subjects of findings, in the order of a report's sections."""

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
        """The section's heading in a report."""
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
    """One fact that a reviewer should know."""

    subject: Subject  # what it is about
    severity: Severity  # whether a reviewer must accept it, should know it, or may ignore it
    rule: str  # id of the rule; `hannibal review --explain` has a page on it
    stack: str  # name of the stack, empty where it is about all stacks
    logical_id: str  # the resource in the template, empty where it is about the stack
    where: str  # the construct path
    message: str  # what happens, in one sentence; names, values and paths are in backticks
    claims: tuple[Claim, ...] = ()  # the parts of the resource that it judges, as beginnings of property paths


def about(place: Place, subject: Subject, severity: Severity, rule: str, message: str, *claims: str) -> Finding:
    """A finding about a resource, a stack (`Sides.whole`) or all stacks (`EVERYWHERE`).

    ``claims`` names the properties and attributes (with a full stop before them) that it judges; ``*`` means all.
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
    """A finding that must be accepted; arguments as for `about`."""
    return about(place, subject, Severity.RISK, rule, message, *claims)


def look(place: Place, subject: Subject, rule: str, message: str, *claims: str) -> Finding:
    """A finding that a reviewer should know and need not accept."""
    return about(place, subject, Severity.LOOK, rule, message, *claims)


def harmless(place: Place, subject: Subject, rule: str, message: str, *claims: str) -> Finding:
    """A finding about a difference without an effect."""
    return about(place, subject, Severity.HARMLESS, rule, message, *claims)


def quoted(texts: Iterable[str]) -> str:
    """Texts as a list in a message."""
    return ", ".join(f"`{text}`" for text in texts)


def shown(leaf: Leaf) -> str:
    """A difference's path with both values, which are shortened to where they begin to differ."""
    old, new = _text(leaf.old), _text(leaf.new)
    if old == new:  # such as an output of one name in two regions
        old, new = canonical(leaf.old), canonical(leaf.new)
    same = len(commonprefix((old, new)))  # noqa: RUF071 - by characters, not by folders
    start = max(same - 20, 0) if same > _LONGEST // 2 else 0
    return f"`{leaf.shown}` {_shorten(old, start, leaf.old)} → {_shorten(new, start, leaf.new)}"


def causes(change: Change) -> str:
    """The properties that cause a replacement, each with the first of its values that differ."""
    parts = []
    for it in change.properties:
        if it.replacement is change.replacement:
            found = list(leaves(it.old, it.new, ("Properties", it.name)))
            parts.append(shown(found[0]) + (" and more" if found[1:] else "") if found else f"`{it.name}`")
    return ", ".join(parts)


def _shorten(text: str, start: int, value: Json) -> str:
    if value is None:
        return "nothing"
    end = start + _LONGEST
    return f"`{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}`"


def _text(value: Json) -> str:
    return " ".join(written(value).split()).replace("`", "'")


def _claim(name: str) -> Claim:
    if name == "*":
        return ()
    # A part with a slash of its own, such as a path pattern, is escaped as in a JSON pointer.
    parts = (part.replace("~1", "/") for part in name.split("/"))
    return (name[1:],) if name.startswith(".") else ("Properties", *parts)
