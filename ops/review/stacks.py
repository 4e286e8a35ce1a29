"""What happens around and between the stacks: protection, lifecycle, stacks that come and go, broken references."""

from collections.abc import Iterator

from ops.review.changes import Comparison, Kind, Sides
from ops.review.concerns import Concern, Severity, Subject
from ops.review.data_at_risk import STATEFUL, deletion_policy
from ops.review.values import canonical, imports, mapping, stack_outputs

_PERSISTENT, _EPHEMERAL = "persistent", "ephemeral"


def around_stacks(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about stacks as a whole."""
    for sides in comparison.sides.values():
        yield from _gone(sides, comparison)
        yield from _protection(sides)
        yield from _lifecycle(sides)
        yield from _broken_references(sides, comparison)
        yield from _backwards(sides, comparison)
        yield from _outputs_gone(sides)
    yield from _moved(comparison)


def _gone(sides: Sides, comparison: Comparison) -> Iterator[Concern]:
    if sides.base and not sides.head and comparison.head.stacks:
        yield _stack(
            sides,
            Severity.RISK,
            "stack-gone",
            "leaves the application: no deployment deletes it, it goes on billing, and the CDK no longer knows it. "
            "Destroy it before the merge",
        )


def _protection(sides: Sides) -> Iterator[Concern]:
    if sides.base and sides.head and sides.base.protected and not sides.head.protected:
        yield _stack(
            sides,
            Severity.RISK,
            "termination-protection-removed",
            "loses its termination protection: `cdk destroy` would delete it",
            Subject.DATA,
        )


def _lifecycle(sides: Sides) -> Iterator[Concern]:
    before = sides.base.lifecycle if sides.base else ""
    after = sides.head.lifecycle if sides.head else ""
    if not sides.base or not sides.head or not before or before == after:
        return
    if after == _PERSISTENT:
        yield _stack(
            sides,
            Severity.RISK,
            "lifecycle-changed",
            f"was `{before}` and becomes `{after}`: it bills in stopped months too",
        )
    else:
        kept = sorted(
            sides.path(logical_id)
            for logical_id, resource in sides.head.resources.items()
            if resource.get("Type") in STATEFUL
        )
        holds = f", with {', '.join(f'`{path}`' for path in kept)}" if kept else ""
        yield _stack(
            sides,
            Severity.RISK,
            "lifecycle-changed",
            f"was `{before}` and becomes `{after or 'of no lifecycle'}`: it is destroyed at the "
            f"end of each month{holds}",
            Subject.DATA,
        )


def _broken_references(sides: Sides, comparison: Comparison) -> Iterator[Concern]:
    if not sides.head:
        return
    exports = {
        canonical(name)
        for stack in comparison.head.stacks.values()
        for output in stack.outputs.values()
        if (name := mapping(output.get("Export")).get("Name")) is not None
    }
    for logical_id, resource in sides.head.resources.items():
        for stack, output in dict.fromkeys(stack_outputs(resource)):
            target = comparison.head.stacks.get(stack)
            if target is None or output not in target.outputs:
                yield _resource(
                    sides,
                    logical_id,
                    "reference-broken",
                    f"reads output `{output}` of `{stack}`, which is not there any more: the next deployment fails",
                )
        for name in dict.fromkeys(imports(resource)):
            if canonical(name) not in exports and _was_exported(name, comparison):
                yield _resource(
                    sides,
                    logical_id,
                    "reference-broken",
                    f"imports `{name}`, which nothing exports any more: CloudFormation refuses to remove it",
                )


def _was_exported(name: str, comparison: Comparison) -> bool:
    return any(
        mapping(output.get("Export")).get("Name") == name
        for stack in comparison.base.stacks.values()
        for output in stack.outputs.values()
    )


def _outputs_gone(sides: Sides) -> Iterator[Concern]:
    """An output with a description is one that people and runbook commands read."""
    if sides.base and sides.head:
        gone = [
            name
            for name, output in sides.base.outputs.items()
            if "Description" in output and name not in sides.head.outputs
        ]
        for name in gone:
            yield _stack(
                sides, Severity.NOTICE, "output-removed", f"no longer prints `{name}`, which a runbook may read"
            )


def _backwards(sides: Sides, comparison: Comparison) -> Iterator[Concern]:
    """Law 1, also where a template was not made by this application's synthesis."""
    if not sides.head or sides.head.lifecycle != _PERSISTENT:
        return
    for logical_id, resource in sides.head.resources.items():
        for stack, output in dict.fromkeys(stack_outputs(resource)):
            target = comparison.head.stacks.get(stack)
            if target and target.lifecycle == _EPHEMERAL:
                yield _resource(
                    sides,
                    logical_id,
                    "persistent-needs-ephemeral",
                    f"is persistent and reads `{output}` of the ephemeral `{stack}`, which is gone after the month",
                )


def _moved(comparison: Comparison) -> Iterator[Concern]:
    """A resource of the same type and construct id that leaves one stack and appears in another."""
    gone = {
        (it.type, it.path.partition("/")[2]): it
        for it in comparison.changes
        if it.kind is Kind.REMOVED and it.stack in comparison.head.stacks
    }
    for change in comparison.changes:
        old = gone.get((change.type, change.path.partition("/")[2]))
        if change.kind is not Kind.ADDED or old is None or old.stack == change.stack:
            continue
        from_life, to_life = (comparison.head.stacks[name].lifecycle for name in (old.stack, change.stack))
        across = f", and from `{from_life}` to `{to_life}`" if from_life != to_life else ""
        kept = deletion_policy(old.old) != "Delete"
        yield Concern(
            subject=Subject.STACKS,
            severity=Severity.RISK if across or change.type in STATEFUL else Severity.NOTICE,
            rule="moved",
            stack=change.stack,
            logical_id=change.logical_id,
            where=change.path,
            message=f"moves here from `{old.stack}`{across}: it is made anew and empty, the old one is "
            f"{'left behind' if kept else 'deleted'}",
        )


def _stack(sides: Sides, severity: Severity, rule: str, message: str, subject: Subject = Subject.STACKS) -> Concern:
    return Concern(
        subject=subject,
        severity=severity,
        rule=rule,
        stack=sides.name,
        logical_id="",
        where=sides.name,
        message=message,
    )


def _resource(sides: Sides, logical_id: str, rule: str, message: str) -> Concern:
    return Concern(
        subject=Subject.STACKS,
        severity=Severity.RISK,
        rule=rule,
        stack=sides.name,
        logical_id=logical_id,
        where=sides.path(logical_id),
        message=message,
    )
