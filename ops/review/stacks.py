"""What happens around and between the stacks: protection, lifecycle, stacks that come and go, broken references."""

from collections.abc import Iterator

from ops.review.changes import Comparison, Kind, Sides
from ops.review.data_at_risk import deletion_policy
from ops.review.finding import Finding, Severity, Subject, about_stack
from ops.review.types import TYPES
from ops.templates.values import canonical, imports, mapping

_PERSISTENT, _EPHEMERAL = "persistent", "ephemeral"


def around_stacks(comparison: Comparison) -> Iterator[Finding]:
    """Findings about stacks as a whole."""
    exported, exports = _exports(comparison)
    for sides in comparison.sides.values():
        yield from _gone(sides)
        yield from _protection(sides)
        yield from _lifecycle(sides)
        yield from _broken_references(sides, comparison)
        yield from _broken_imports(sides, exported, exports)
        yield from _backwards(sides, comparison)
        yield from _deployed_with(sides)
        yield from _tags(sides)
        yield from _dependencies(sides, comparison)
    yield from _moved(comparison)


def _gone(sides: Sides) -> Iterator[Finding]:
    if sides.base and not sides.head:
        yield about_stack(
            sides,
            Severity.RISK,
            "stack-gone",
            "leaves the application: no deployment deletes it, it goes on billing, and the CDK no longer knows it. "
            "Destroy it before the merge",
        )


def _protection(sides: Sides) -> Iterator[Finding]:
    if sides.base and sides.head and sides.base.protected and not sides.head.protected:
        yield about_stack(
            sides,
            Severity.RISK,
            "termination-protection-removed",
            "loses its termination protection: `cdk destroy` would delete it",
            Subject.DATA,
        )


def _lifecycle(sides: Sides) -> Iterator[Finding]:
    before = sides.base.lifecycle if sides.base else ""
    after = sides.head.lifecycle if sides.head else ""
    if not sides.base or not sides.head or not before or before == after:
        return
    if after == _PERSISTENT:
        yield about_stack(
            sides,
            Severity.RISK,
            "lifecycle-changed",
            f"was `{before}` and becomes `{after}`: it bills in stopped months too",
        )
    else:
        kept = sorted(
            sides.path(logical_id)
            for logical_id, resource in sides.head.resources.items()
            if resource.get("Type") in TYPES.stateful
        )
        holds = f", with {', '.join(f'`{path}`' for path in kept)}" if kept else ""
        yield about_stack(
            sides,
            Severity.RISK,
            "lifecycle-changed",
            f"was `{before}` and becomes `{after or 'of no lifecycle'}`: it is destroyed at the "
            f"end of each month{holds}",
            Subject.DATA,
        )


def _broken_references(sides: Sides, comparison: Comparison) -> Iterator[Finding]:
    for logical_id, stack, output in sides.head.reads if sides.head else ():
        target = comparison.head.stacks.get(stack)
        if target is None or output not in target.outputs:
            yield _resource(
                sides,
                logical_id,
                "reference-broken",
                f"reads output `{output}` of `{stack}`, which is not there any more: the next deployment fails",
            )


def _exports(comparison: Comparison) -> tuple[set[str], set[str]]:
    """The literal names that were exported, and all names that are, in one form."""
    before, after = (
        [mapping(it.get("Export")).get("Name") for stack in side.stacks.values() for it in stack.outputs.values()]
        for side in (comparison.base, comparison.head)
    )
    return {it for it in before if isinstance(it, str)}, {canonical(it) for it in after if it is not None}


def _broken_imports(sides: Sides, exported: set[str], exports: set[str]) -> Iterator[Finding]:
    for logical_id, resource in sides.head.resources.items() if sides.head and exported else ():
        for name in dict.fromkeys(imports(resource)):
            if canonical(name) not in exports and name in exported:
                yield _resource(
                    sides,
                    logical_id,
                    "reference-broken",
                    f"imports `{name}`, which nothing exports any more: CloudFormation refuses to remove it",
                )


def _deployed_with(sides: Sides) -> Iterator[Finding]:
    """The roles that the CDK takes on for a stack, and where it deploys it."""
    if not sides.base or not sides.head:
        return
    for name in dict.fromkeys([*sides.base.roles, *sides.head.roles]):
        before, after = (it.roles.get(name, "the caller's own") for it in (sides.base, sides.head))
        if before != after:
            yield about_stack(
                sides,
                Severity.RISK,
                "deployed-by",
                f"is deployed with another role (`{name}`): `{before}` → `{after}`",
                Subject.PERMISSIONS,
            )
    places = [(it.account, it.region) for it in (sides.base, sides.head)]
    if places[0] != places[1]:
        where = " → ".join(f"`{account}/{region}`" for account, region in places)
        yield about_stack(
            sides, Severity.RISK, "stack-elsewhere", f"goes to another account or region, {where}: the old one stays"
        )


def _dependencies(sides: Sides, comparison: Comparison) -> Iterator[Finding]:
    """Which stacks plain `cdk deploy` and `cdk destroy` take along (law 3)."""
    if not sides.base or not sides.head:
        return
    before, after = sides.base.dependencies, sides.head.dependencies
    reads = [{stack for _, stack, _ in it.reads} for it in (sides.base, sides.head)]
    for name in dict.fromkeys([*before, *after]):
        if (name in before) == (name in after) or name not in comparison.head.stacks:
            continue
        if name in after:
            message = f"`cdk deploy {sides.name}` deploys `{name}` first now, and `cdk destroy {name}` takes it along"
            yield about_stack(sides, Severity.LOOK, "dependency-changed", message)
        else:
            severity = Severity.LOOK if name in reads[0] - reads[1] else Severity.RISK
            message = f"`cdk deploy {sides.name}` no longer deploys `{name}`, and `cdk destroy {name}` leaves it"
            yield about_stack(sides, severity, "dependency-changed", message)


def _tags(sides: Sides) -> Iterator[Finding]:
    if sides.base and sides.head:
        for name in dict.fromkeys([*sides.base.tags, *sides.head.tags]):
            before, after = sides.base.tags.get(name), sides.head.tags.get(name)
            if before != after and name != "Lifecycle":
                yield about_stack(sides, Severity.HARMLESS, "tags", f"tag `{name}`: `{before}` → `{after}`")


def _backwards(sides: Sides, comparison: Comparison) -> Iterator[Finding]:
    """Law 1, also where a template was not made by this application's synthesis."""
    if not sides.head or sides.head.lifecycle != _PERSISTENT:
        return
    for logical_id, stack, output in sides.head.reads:
        target = comparison.head.stacks.get(stack)
        if target and target.lifecycle == _EPHEMERAL:
            yield _resource(
                sides,
                logical_id,
                "persistent-needs-ephemeral",
                f"is persistent and reads `{output}` of the ephemeral `{stack}`, which is gone after the month",
            )


def _moved(comparison: Comparison) -> Iterator[Finding]:
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
        yield Finding(
            subject=Subject.STACKS,
            severity=Severity.RISK if across or change.type in TYPES.stateful else Severity.LOOK,
            rule="moved",
            stack=change.stack,
            logical_id=change.logical_id,
            where=change.path,
            message=f"moves here from `{old.stack}`{across}: it is made anew and empty, the old one is "
            f"{'left behind' if kept else 'deleted'}",
        )


def _resource(sides: Sides, logical_id: str, rule: str, message: str) -> Finding:
    return Finding(
        subject=Subject.STACKS,
        severity=Severity.RISK,
        rule=rule,
        stack=sides.name,
        logical_id=logical_id,
        where=sides.path(logical_id),
        message=message,
    )
