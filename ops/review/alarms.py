"""Whether an alarm sounds earlier or later: its threshold goes with its operator, and periods with how many of them."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Severity, Subject, about
from ops.templates.values import number, written

_ALARM: Final = "AWS::CloudWatch::Alarm"


def alarms(comparison: Comparison) -> Iterator[Finding]:
    """Findings about thresholds of alarms that are changed."""
    for change in comparison.changes:
        if change.type == _ALARM and change.kind is Kind.CHANGED and change.differs("Threshold"):
            yield from _threshold(change)


def _threshold(change: Change) -> Iterator[Finding]:
    before, after = number(change.before("Threshold")), number(change.after("Threshold"))
    operator = str(change.after("ComparisonOperator"))
    if before is None or after is None or before == after or change.differs("ComparisonOperator"):
        return
    earlier = after < before if operator.startswith("GreaterThan") else after > before
    if operator.startswith(("GreaterThan", "LessThan")):
        values = f"`Threshold` `{written(change.before('Threshold'))}` → `{written(change.after('Threshold'))}`"
        yield about(
            change,
            Subject.MONITORING,
            Severity.LOOK if earlier else Severity.RISK,
            "alarm-stricter" if earlier else "alarm-weakened",
            f"{values}: sounds {'earlier' if earlier else 'later, or never'}",
            claims=("Threshold",),
        )
