"""What decides whether resources exist at all, and so hides a deletion: conditions and transforms of a template."""

from collections.abc import Iterator

from ops.review.changes import Comparison, Kind, Sides
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.data_at_risk import STATEFUL
from ops.review.values import canonical, mapping, written


def conditional(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about resources that may come or go without leaving the template."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and (condition := change.new.get("Condition")) != change.old.get("Condition"):
            subject = Subject.DATA if change.type in STATEFUL else Subject.STACKS
            words = (
                f"exists only where condition `{condition}` holds: where it does not, it is deleted"
                if condition
                else "exists without a condition now"
            )
            severity = Severity.RISK if condition else Severity.NOTICE
            yield about(change, subject, severity, "condition-changed", words)
    for sides in comparison.sides.values():
        if sides.base and sides.head:
            yield from _other_conditions(sides)
            yield from _transforms(sides)


def _other_conditions(sides: Sides) -> Iterator[Concern]:
    before, after = (mapping(it.get("Conditions")) for it in (sides.base_template, sides.head_template))
    for name in before.keys() & after.keys():
        resources = mapping(sides.head_template.get("Resources"))
        hang = sorted(sides.path(key) for key, value in resources.items() if mapping(value).get("Condition") == name)
        if hang and canonical(before[name]) != canonical(after[name]):
            yield _stack(
                sides,
                "condition-changed",
                f"condition `{name}` is decided otherwise, and with it whether these exist: "
                f"{', '.join(f'`{path}`' for path in hang)}",
            )


def _transforms(sides: Sides) -> Iterator[Concern]:
    before, after = (it.get("Transform") for it in (sides.base_template, sides.head_template))
    if after is not None and canonical(before) != canonical(after):
        yield _stack(
            sides, "transform", f"is rewritten by `{written(after)}` when it is deployed: no review sees the result"
        )


def _stack(sides: Sides, rule: str, message: str) -> Concern:
    return Concern(
        subject=Subject.STACKS,
        severity=Severity.RISK,
        rule=rule,
        stack=sides.name,
        logical_id="",
        where=sides.name,
        message=message,
    )
