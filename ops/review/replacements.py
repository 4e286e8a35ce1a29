"""Resources that are replaced or have a taken name, and resources that depend on replaced ones in any stack."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind, PropertyChange
from ops.review.data import TYPES
from ops.review.finding import Finding, Severity, Subject, about, causes, look, quoted, risk
from ops.templates.schemas import Replacement
from ops.templates.values import references, stack_outputs

# EC2 API reference, DeleteSecurityGroup and DeleteSubnet.
_IN_USE: Final = frozenset({"AWS::EC2::SecurityGroup", "AWS::EC2::Subnet"})


def replacements(comparison: Comparison) -> Iterator[Finding]:
    """Findings about replacements; for resources with data, `data_at_risk` has them."""
    replaced = {(it.stack, it.logical_id): it for it in comparison.changes if it.replacement is Replacement.WILL}
    printed = {name: set(references(it.head_template.get("Outputs"))) for name, it in comparison.sides.items()}
    for change in comparison.changes:
        if change.kind is not Kind.CHANGED:
            continue
        if change.type not in TYPES.stateful and change.replacement is not Replacement.NO:
            # A resource without references to it, such as a rule or an attachment, can be replaced without effects.
            others = comparison.sides[change.stack].referrers.get(change.logical_id, set()) - {change.logical_id}
            yield _replacement(change, referred_to=bool(others) or change.logical_id in printed[change.stack])
        for followed in change.properties:
            if followed.follows:
                yield from _dependents(change, followed, replaced, comparison)
    yield from _collisions(comparison)


def _replacement(change: Change, *, referred_to: bool) -> Finding:
    causing = [it for it in change.properties if it.replacement is change.replacement]
    names = causes(change)
    reasons = "".join(f" ({it.why})" for it in causing if it.why)
    if change.replacement is Replacement.MAY:
        return look(change, Subject.REPLACEMENT, "may-be-replaced", f"may be replaced through {names}{reasons}")
    if change.old.get("Type") != change.new.get("Type"):
        message = "changes its type under the same logical id: CloudFormation refuses"
        return risk(change, Subject.REPLACEMENT, "type-changed", message, "*")
    if change.fixed_name:
        message = (
            f"would be replaced through {names}{reasons}; its name `{change.fixed_name}` is fixed, so CloudFormation "
            f"refuses and the deployment fails"
        )
        return risk(change, Subject.REPLACEMENT, "replacement-refused", message, *(it.name for it in causing))
    followed = change.type in TYPES.followed and all(it.name.endswith("Name") for it in causing)
    severity = Severity.RISK if referred_to and not followed else Severity.LOOK
    claims = [it.name for it in causing] if severity is Severity.RISK or followed else []
    note = "; AWS does not delete the old one while a network interface uses it" if change.type in _IN_USE else ""
    effect = f"a new one is created, with another id, and the old one is deleted{note}"
    message = f"is replaced through {names}{reasons}: {effect}"
    return about(change, Subject.REPLACEMENT, severity, "replaced", message, *claims)


def _dependents(
    change: Change, followed: PropertyChange, replaced: dict[tuple[str, str], Change], comparison: Comparison
) -> Iterator[Finding]:
    own = [replaced[key].path for it in references(followed.new) if (key := (change.stack, it)) in replaced]
    of_other_stacks = [
        replaced[key].path
        for stack, output in stack_outputs(followed.new)
        if stack in comparison.sides
        for it in references(comparison.sides[stack].either.outputs.get(output))
        if (key := (stack, it)) in replaced
    ]
    paths = quoted(dict.fromkeys([*own, *of_other_stacks]))
    if not paths:
        return
    stale = ", and it keeps the old value until its stack is deployed again (`--force`)" if of_other_stacks else ""
    message = f"`{followed.name}` refers to {paths}, which is replaced{stale}"
    yield look(change, Subject.REPLACEMENT, "hangs-on-replaced", message, followed.name)


def _collisions(comparison: Comparison) -> Iterator[Finding]:
    """A resource that gets another logical id, while the old resource still has its name."""
    going: dict[tuple[str, str, str], Change] = {}
    for change in comparison.changes:
        if change.kind is Kind.REMOVED:
            going |= dict.fromkeys(_names(change), change)
    for change in (it for it in comparison.changes if it.kind is Kind.ADDED):
        for old in dict.fromkeys(going[key].path for key in _names(change) if key in going):
            message = (
                f"has the name of `{old}`, which is removed in the same change: CloudFormation creates before it "
                f"deletes, and the name is still in use"
            )
            yield risk(change, Subject.REPLACEMENT, "name-taken", message)


def _names(change: Change) -> Iterator[tuple[str, str, str]]:
    value = change.before if change.kind is Kind.REMOVED else change.after
    for name in change.names:
        if isinstance(text := value(*name.split("/")), str):
            yield change.type, name, text
