"""What a reviewer should know about a change: one finding for each fact, in one form for every subject."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from ops.review.changes import Change, Sides

Claim = tuple[str, ...]


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


def about(
    change: Change, subject: Subject, severity: Severity, rule: str, message: str, *, claims: tuple[str, ...] = ()
) -> Finding:
    """A finding about a resource that differs.

    Args:
        change: the resource.
        subject: what the finding is about.
        severity: how much it matters.
        message: what happens.
        claims: names of the properties and attributes (with a full stop before them) that it judges; ``*`` means all.
    """
    return Finding(
        subject=subject,
        severity=severity,
        rule=rule,
        stack=change.stack,
        logical_id=change.logical_id,
        where=change.path,
        message=message,
        claims=tuple(_claim(name) for name in claims),
    )


def about_stack(
    sides: Sides, severity: Severity, rule: str, message: str, subject: Subject = Subject.STACKS
) -> Finding:
    """A finding about a stack as a whole."""
    return Finding(
        subject=subject,
        severity=severity,
        rule=rule,
        stack=sides.name,
        logical_id="",
        where=sides.name,
        message=message,
    )


def _claim(name: str) -> Claim:
    if name == "*":
        return ()
    return (name[1:],) if name.startswith(".") else ("Properties", *name.split("/"))
