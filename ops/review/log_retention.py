"""Logs of functions: what a handler wrote while it worked is no evidence, and no product's log."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import number

_GROUP: Final = "AWS::Logs::LogGroup"


def function_logs(comparison: Comparison) -> Iterator[Finding]:
    """Findings about logs of functions that are kept for a shorter time."""
    for change in comparison.changes:
        if change.type != _GROUP or change.kind is not Kind.CHANGED:
            continue
        before, after = (number(side("RetentionInDays")) for side in (change.before, change.after))
        if before is None or after is None or before <= after:
            continue
        if change.logical_id in comparison.sides[change.stack].function_logs_after:
            message = f"`RetentionInDays` `{before:g}` → `{after:g}`: what the function wrote before that is deleted"
            yield look(change, Subject.DATA, "retention-cut", message, "RetentionInDays")
