"""Logs of functions: what a handler wrote while it worked is no evidence, and no product's log."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Comparison, Kind
from ops.review.finding import Finding, Severity, Subject, about
from ops.templates.values import Map, at, mapping, number, references

_FUNCTION: Final = "AWS::Lambda::Function"
_GROUP: Final = "AWS::Logs::LogGroup"
# What would no longer see what it reads.
_READERS: Final = ("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter")


def logs_of_functions(template: Map) -> set[str]:
    """Logical ids of the log groups that functions write, and that no filter reads."""
    resources = {key: mapping(it) for key, it in mapping(template.get("Resources")).items()}
    written: set[str] = set()
    read: set[str] = set()
    for resource in resources.values():
        if resource.get("Type") == _FUNCTION:
            written |= set(references(at(resource, "Properties", "LoggingConfig", "LogGroup")))
        elif resource.get("Type") in _READERS:
            read |= set(references(at(resource, "Properties", "LogGroupName")))
    return {it for it in written - read if resources.get(it, {}).get("Type") == _GROUP}


def function_logs(comparison: Comparison) -> Iterator[Finding]:
    """Findings about logs of functions that are kept for a shorter time."""
    for change in comparison.changes:
        if change.type != _GROUP or change.kind is not Kind.CHANGED:
            continue
        before, after = (number(side("RetentionInDays")) for side in (change.before, change.after))
        if before is None or after is None or before <= after:
            continue
        if change.logical_id in logs_of_functions(comparison.sides[change.stack].head_template):
            message = f"`RetentionInDays` `{before:g}` → `{after:g}`: what the function wrote before that is deleted"
            yield about(change, Subject.DATA, Severity.LOOK, "retention-cut", message, claims=("RetentionInDays",))
