"""What a change may lose: resources that hold data and are deleted, replaced, or no longer kept as long."""

from collections.abc import Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Severity, Subject, about
from ops.review.types import TYPES
from ops.templates.replacement import Replacement
from ops.templates.values import Map

_KEEPS = {"Delete": 0, "Snapshot": 1, "RetainExceptOnCreate": 2, "Retain": 3}


def data_at_risk(comparison: Comparison) -> Iterator[Finding]:
    """Findings about data, over all resources that hold some."""
    for change in comparison.changes:
        if change.type in TYPES.stateful:
            yield from _deleted(change, comparison)
            yield from _replaced(change)
            yield from _weakened(change, comparison)
            yield from _added(change, comparison)
        elif change.kind is Kind.CHANGED:
            yield from _weakened(change, comparison)


def _known(change: Change, attribute: str) -> bool:
    """Whether CloudFormation takes a policy for a type (user guide, DeletionPolicy and UpdateReplacePolicy)."""
    policy = change.new.get(attribute)
    if policy == "Snapshot":
        return change.type in TYPES.snapshots
    return policy in (None, "Delete", "Retain") or (policy, attribute) == ("RetainExceptOnCreate", "DeletionPolicy")


def deletion_policy(resource: Map) -> str:
    """What CloudFormation does with a resource that leaves the template."""
    written = resource.get("DeletionPolicy")
    if isinstance(written, str):
        return written
    return "Snapshot" if str(resource.get("Type")) in TYPES.snapshot_by_default else "Delete"


def replace_policy(resource: Map) -> str:
    """What CloudFormation does with the old resource after a replacement."""
    written = resource.get("UpdateReplacePolicy")
    return written if isinstance(written, str) else "Delete"


def _deleted(change: Change, comparison: Comparison) -> Iterator[Finding]:
    if change.kind is not Kind.REMOVED:
        return
    policy = deletion_policy(change.old)
    if policy == "Delete" and change.logical_id in comparison.sides[change.stack].function_logs_before:
        message = "is deleted with its lines: the log of a function, which is no evidence"
        yield about(change, Subject.DATA, Severity.LOOK, "data-deleted", message, claims=("*",))
    elif policy == "Delete":
        yield _risk(change, "data-deleted", f"is deleted with what it holds: its deletion policy is `{policy}`")
    elif policy == "Snapshot":
        yield _risk(change, "data-deleted", "is deleted; a final snapshot is taken first")
    else:
        yield _risk(
            change,
            "data-left-behind",
            "leaves the template and stays in the account (`Retain`): nothing manages it, it goes on billing, and its "
            "name stays taken",
        )


def _replaced(change: Change) -> Iterator[Finding]:
    if change.kind is not Kind.CHANGED or change.replacement is Replacement.NO:
        return
    causes = tuple(it.name for it in change.properties if it.replacement is change.replacement)
    names = ", ".join(f"`{it}`" for it in causes)
    if change.replacement is Replacement.MAY:
        # CloudFormation refuses to replace a resource whose fixed name stays the same, so nothing is lost.
        severity = Severity.LOOK if change.fixed_name else Severity.RISK
        refused = "; as its name is fixed, CloudFormation would refuse that" if change.fixed_name else ""
        yield about(
            change,
            Subject.DATA,
            severity,
            "data-may-be-replaced",
            f"may be replaced by a change of {names}{refused}",
        )
    elif change.fixed_name:
        yield _risk(
            change,
            "data-replacement-refused",
            f"would be replaced by {_successor(change)} through {names}; CloudFormation refuses it, because the name "
            f"`{change.fixed_name}` is fixed, and the deployment fails",
            causes,
        )
    else:
        policy = replace_policy(change.old)
        then = {
            "Delete": "the old one is deleted with what it holds",
            "Snapshot": "the old one leaves a snapshot",
        }.get(policy, "the old one stays, unmanaged")
        yield _risk(change, "data-replaced", f"is replaced by {_successor(change)} through {names}; {then}", causes)


def _successor(change: Change) -> str:
    """What stands in the place of a replaced resource."""
    if change.after("DBSnapshotIdentifier"):
        return "one restored from the snapshot that `DBSnapshotIdentifier` names"
    return "an empty one"


def _weakened(change: Change, comparison: Comparison) -> Iterator[Finding]:  # noqa: C901 - one branch a case
    if change.kind is not Kind.CHANGED:
        return
    for attribute, policy in (("DeletionPolicy", deletion_policy), ("UpdateReplacePolicy", replace_policy)):
        before, after = policy(change.old), policy(change.new)
        if change.old.get(attribute) != change.new.get(attribute) and not _known(change, attribute):
            yield _risk(
                change, "policy-unknown", f"CloudFormation refuses `{attribute}` `{after}` here", (f".{attribute}",)
            )
        elif (before, after) == ("Retain", "RetainExceptOnCreate"):
            yield about(
                change,
                Subject.DATA,
                Severity.LOOK,
                "policy-changed",
                f"`{attribute}`: kept as before, unless the deployment that made it is rolled back",
                claims=(f".{attribute}",),
            )
        elif _KEEPS.get(after, 0) < _KEEPS.get(before, 0):
            only_replaced = attribute == "UpdateReplacePolicy" and change.type not in TYPES.stateful
            yield about(
                change,
                Subject.DATA,
                Severity.LOOK if only_replaced else Severity.RISK,
                "policy-weakened",
                f"`{attribute}` is weakened from `{before}` to `{after}`",
                claims=(f".{attribute}",),
            )
        elif before == after != "Delete" and attribute in change.old and attribute not in change.new:
            yield about(
                change,
                Subject.DATA,
                Severity.LOOK,
                "policy-unsaid",
                f"no longer says its `{attribute}`: `{before}` is CloudFormation's default, and rests on nothing else",
                claims=(f".{attribute}",),
            )
        elif before == after:
            yield from _harmless(change, "default-spelled-out", "says what its absence means", attribute)
        elif change.type in TYPES.snapshot_by_default and attribute == "DeletionPolicy":
            yield _risk(
                change,
                "snapshot-dropped",
                f"leaves no final snapshot at the month's end (`{after}`)",
                (f".{attribute}",),
            )
        elif change.type in TYPES.stateful:
            yield from _kept(change, attribute, before, after, comparison)


def _kept(change: Change, attribute: str, before: str, after: str, comparison: Comparison) -> Iterator[Finding]:
    """What is kept more carefully than before."""
    stack = comparison.head.stacks.get(change.stack)
    if attribute == "DeletionPolicy" and stack and stack.lifecycle == "ephemeral":
        yield about(
            change,
            Subject.DATA,
            Severity.LOOK,
            "data-left-behind",
            f"stays in the account after each month (`{after}`): nothing manages it, and it goes on billing",
            claims=(f".{attribute}",),
        )
    else:
        yield from _harmless(change, "kept-longer", f"is kept more carefully: `{before}` to `{after}`", attribute)


def _added(change: Change, comparison: Comparison) -> Iterator[Finding]:
    stack = comparison.head.stacks.get(change.stack)
    if change.kind is not Kind.ADDED or stack is None or stack.lifecycle != "ephemeral":
        return
    if change.stack in comparison.base.stacks and deletion_policy(change.new) == "Delete":
        lost = change.type in TYPES.kept_by_products
        then = ", and the next month begins without it: a persistent stack keeps it (law 2)" if lost else ""
        yield about(
            change,
            Subject.DATA,
            Severity.RISK if lost else Severity.LOOK,
            "data-for-a-month",
            f"is new and holds data in an ephemeral stack: it is deleted at the end of each month{then}",
        )


def _harmless(change: Change, rule: str, message: str, attribute: str) -> Iterator[Finding]:
    if change.old.get(attribute) != change.new.get(attribute):
        yield about(change, Subject.DATA, Severity.HARMLESS, rule, message, claims=(f".{attribute}",))


def _risk(change: Change, rule: str, message: str, claims: tuple[str, ...] = ()) -> Finding:
    return about(change, Subject.DATA, Severity.RISK, rule, message, claims=claims)
