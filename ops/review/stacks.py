"""Changes of whole stacks: protection, lifecycle, added and removed stacks, broken references between stacks."""

from collections.abc import Iterator, Mapping

from ops.review.changes import Comparison, Kind, Place, Sides
from ops.review.data import TYPES
from ops.review.data_at_risk import deletion_policy
from ops.review.finding import Finding, Severity, Subject, about, harmless, look, quoted, risk
from ops.templates.assembly import Stack
from ops.templates.values import canonical, imports, mapping

_PERSISTENT, _EPHEMERAL = "persistent", "ephemeral"
# The CDK's manifest has this where the account comes from the caller's credentials.
_ANY_ACCOUNT = "unknown-account"
# Tags in conditions of policies; the lifecycle tag has its own rule.
_READ_TAGS = frozenset({"Project", "Prunable"})


def stack_findings(comparison: Comparison) -> Iterator[Finding]:
    """Findings about whole stacks."""
    exported, exports = _exports(comparison)
    for sides in comparison.sides.values():
        stack, base, head = sides.whole, sides.base, sides.head
        if head:
            yield from _broken_references(sides, head, comparison.sides)
            yield from _broken_imports(sides, head, exported, exports)
            yield from _backwards(sides, head, comparison)
        if base and head:
            if base.protected and not head.protected:
                message = "loses its termination protection: `cdk destroy` would delete it"
                yield risk(stack, Subject.DATA, "termination-protection-removed", message)
            yield from _lifecycle(stack, base, head)
            yield from _deployment_settings(stack, base, head)
            yield from _tags(stack, base, head)
            yield from _dependencies(stack, base, head, comparison)
        elif base:
            message = (
                "leaves the application: no deployment deletes it, it keeps costing money, and the CDK no longer knows "
                "it. Destroy it before the merge"
            )
            yield risk(stack, Subject.STACKS, "stack-gone", message)
    yield from _moved_resources(comparison)


def _lifecycle(stack: Place, base: Stack, head: Stack) -> Iterator[Finding]:
    before, after = base.lifecycle, head.lifecycle
    if not before or before == after:
        return
    becomes = f"was `{before}` and becomes `{after or 'of no lifecycle'}`"
    if after == _PERSISTENT:
        yield risk(stack, Subject.STACKS, "lifecycle-changed", f"{becomes}: it costs money in stopped months too")
    else:
        kept = sorted(head.path(key) for key, it in head.resources.items() if it.get("Type") in TYPES.stateful)
        holds = f", with {quoted(kept)}" if kept else ""
        end = "it is destroyed at the end of each month" if after else "no law and no command knows how long it lives"
        message = f"{becomes}: {end}{holds}"
        yield risk(stack, Subject.DATA, "lifecycle-changed", message)


def _broken_references(sides: Sides, head: Stack, all_sides: Mapping[str, Sides]) -> Iterator[Finding]:
    for logical_id, stack, output in head.reads:
        # As deployed: an output whose condition is never true does not exist.
        if stack not in all_sides or output not in mapping(all_sides[stack].head_template.get("Outputs")):
            message = f"reads output `{output}` of `{stack}`, which no longer exists: the next deployment fails"
            yield risk(sides.place(logical_id), Subject.STACKS, "reference-broken", message)


def _exports(comparison: Comparison) -> tuple[set[str], set[str]]:
    """The literal export names of the base, and all export names of the head in canonical form."""
    before, after = (
        [mapping(it.get("Export")).get("Name") for stack in side.stacks.values() for it in stack.outputs.values()]
        for side in (comparison.base, comparison.head)
    )
    return {it for it in before if isinstance(it, str)}, {canonical(it) for it in after if it is not None}


def _broken_imports(sides: Sides, head: Stack, exported: set[str], exports: set[str]) -> Iterator[Finding]:
    for logical_id, resource in head.resources.items() if exported else ():
        for name in dict.fromkeys(imports(resource)):
            if canonical(name) not in exports and name in exported:
                message = f"imports `{name}`, which nothing exports any more: CloudFormation refuses to remove it"
                yield risk(sides.place(logical_id), Subject.STACKS, "reference-broken", message)


def _deployment_settings(stack: Place, base: Stack, head: Stack) -> Iterator[Finding]:
    """Changes of the roles that the CDK assumes for a stack, of its other settings, and of its account and region."""
    for name in dict.fromkeys([*base.roles, *head.roles]):
        before, after = (it.roles.get(name, "the caller's own") for it in (base, head))
        if before != after:
            message = f"is deployed with another role (`{name}`): `{before}` → `{after}`"
            yield risk(stack, Subject.PERMISSIONS, "deployed-by", message)
    for name in dict.fromkeys([*base.given, *head.given]):
        before, after = (it.given.get(name, "nothing") for it in (base, head))
        if before != after:
            message = f"is deployed with another `{name}` of the manifest: `{before}` → `{after}`"
            yield risk(stack, Subject.STACKS, "deployed-with", message)
    places = [f"`{it.account}/{it.region}`" for it in (base, head)]
    if places[0] == places[1]:
        return
    if base.region == head.region and _ANY_ACCOUNT in (base.account, head.account):
        message = f"is for {' instead of '.join(reversed(places))}: the same where that is the account of today"
        yield look(stack, Subject.STACKS, "stack-elsewhere", message)
    else:
        message = f"goes to another account or region, {' → '.join(places)}: the old one stays"
        yield risk(stack, Subject.STACKS, "stack-elsewhere", message)


def _dependencies(stack: Place, base: Stack, head: Stack, comparison: Comparison) -> Iterator[Finding]:
    """Changes of the stacks that plain `cdk deploy` and `cdk destroy` include (law 3)."""
    before, after = base.dependencies, head.dependencies
    reads = [{read for _, read, _ in it.reads} for it in (base, head)]
    for name in dict.fromkeys([*before, *after]):
        if (name in before) == (name in after) or name not in comparison.head.stacks:
            continue
        if name in after:
            message = f"`cdk deploy {head.name}` deploys `{name}` first now, and `cdk destroy {name}` destroys it too"
            yield look(stack, Subject.STACKS, "dependency-changed", message)
        else:
            severity = Severity.LOOK if name in reads[0] - reads[1] else Severity.RISK
            message = f"`cdk deploy {head.name}` no longer deploys `{name}`, and `cdk destroy {name}` leaves it"
            yield about(stack, Subject.STACKS, severity, "dependency-changed", message)


def _tags(stack: Place, base: Stack, head: Stack) -> Iterator[Finding]:
    for name in dict.fromkeys([*base.tags, *head.tags]):
        before, after = (it.tags.get(name, "nothing") for it in (base, head))
        if before == after or name == "Lifecycle":
            continue
        message = f"tag `{name}`: `{before}` → `{after}`"
        if name in _READ_TAGS:
            why = "permissions and boundaries depend on it, for the stack and the resources that get its tags"
            yield risk(stack, Subject.STACKS, "tag-read", f"{message}: {why}")
        else:
            yield harmless(stack, Subject.STACKS, "tags", message)


def _backwards(sides: Sides, head: Stack, comparison: Comparison) -> Iterator[Finding]:
    """Violations of law 1, also in templates that this application's synthesis did not create."""
    for logical_id, stack, output in head.reads if head.lifecycle == _PERSISTENT else ():
        target = comparison.head.stacks.get(stack)
        if target and target.lifecycle == _EPHEMERAL:
            message = f"is persistent and reads `{output}` of the ephemeral `{stack}`, which is gone after the month"
            yield risk(sides.place(logical_id), Subject.STACKS, "persistent-needs-ephemeral", message)


def _moved_resources(comparison: Comparison) -> Iterator[Finding]:
    """Resources that leave one stack and appear in another, with the same type and construct id."""
    removed = {
        (it.type, it.path.partition("/")[2]): it
        for it in comparison.changes
        if it.kind is Kind.REMOVED and it.stack in comparison.head.stacks
    }
    for change in comparison.changes:
        old = removed.get((change.type, change.path.partition("/")[2]))
        if change.kind is not Kind.ADDED or old is None or old.stack == change.stack:
            continue
        from_life, to_life = (comparison.head.stacks[name].lifecycle for name in (old.stack, change.stack))
        across = f", and from `{from_life}` to `{to_life}`" if from_life != to_life else ""
        effect = "left behind" if deletion_policy(old.old) != "Delete" else "deleted"
        severity = Severity.RISK if across or change.type in TYPES.stateful else Severity.LOOK
        message = f"moves here from `{old.stack}`{across}: it is created again and empty, the old one is {effect}"
        yield about(change, Subject.STACKS, severity, "moved", message)
