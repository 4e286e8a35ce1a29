"""What a reviewer should know about a change: one concern a fact, in one form for every subject."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from ops.review.changes import Change


class Severity(IntEnum):
    """How much a concern matters."""

    NOTICE = 1
    RISK = 2


class Subject(StrEnum):
    """What a concern is about, in the order in which a report tells it."""

    DATA = "data"
    MONTH = "month"
    POWER = "power"
    EXPOSURE = "exposure"
    GUARD = "guard"
    REPLACEMENT = "replacement"
    STACKS = "stacks"
    COST = "cost"
    FINDING = "finding"

    @property
    def heading(self) -> str:
        """Its heading in a report."""
        return _TITLES[self]


_TITLES = {
    Subject.DATA: "Data at risk",
    Subject.MONTH: "What breaks a running month",
    Subject.POWER: "Who gains power",
    Subject.EXPOSURE: "What is opened",
    Subject.GUARD: "What watches less",
    Subject.REPLACEMENT: "What is replaced, and what hangs on it",
    Subject.STACKS: "Between and around the stacks",
    Subject.COST: "Monthly cost",
    Subject.FINDING: "New findings",
}


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One thing that a reviewer should know.

    Attributes:
        subject: what it is about.
        severity: whether it must be accepted or only be known.
        rule: its kind, the same word for the same kind in every review.
        stack: name of the stack, empty where it is about all.
        logical_id: the resource in the template, empty where it is about the stack.
        where: the construct path.
        message: what happens, in one sentence; names, values and paths stand between backticks.
    """

    subject: Subject
    severity: Severity
    rule: str
    stack: str
    logical_id: str
    where: str
    message: str


def about(change: Change, subject: Subject, severity: Severity, rule: str, message: str) -> Concern:
    """A concern about a resource that differs."""
    return Concern(
        subject=subject,
        severity=severity,
        rule=rule,
        stack=change.stack,
        logical_id=change.logical_id,
        where=change.path,
        message=message,
    )
