"""Changes of conditions and transforms, which decide whether resources exist and so can hide a deletion."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ops.review.changes import Comparison, Kind, Sides
from ops.review.data import TYPES
from ops.review.finding import Finding, Severity, Subject, about, harmless, look, quoted, risk
from ops.templates.assembly import Stack
from ops.templates.normal_form import constant_conditions, normal_form, template_facts
from ops.templates.resolver import Resolver
from ops.templates.values import Map, at, canonical, items, mapping, may_mention, walk, written


def conditional(comparison: Comparison) -> Iterator[Finding]:
    """Findings about resources that may be created or deleted while they stay in the template."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and (condition := change.new.get("Condition")) != change.old.get("Condition"):
            subject = Subject.DATA if change.type in TYPES.stateful else Subject.STACKS
            severity, words = Severity.LOOK, "exists without a condition now"
            if condition:
                severity = Severity.RISK
                words = f"exists only where condition `{condition}` holds: where it does not, it is deleted"
            yield about(change, subject, severity, "condition-changed", words, ".Condition")
    for sides in comparison.sides.values():
        if sides.same_template:
            continue
        if sides.head:
            yield from _transforms(sides)
        if sides.base and sides.head:
            yield from _changed_conditions(sides)
            yield from _changed_branches(sides, sides.base, sides.head)


def _changed_conditions(sides: Sides) -> Iterator[Finding]:
    before, after = (mapping(it.get("Conditions")) for it in (sides.base_template, sides.head_template))
    names = [it for it in dict.fromkeys([*before, *after]) if canonical(before.get(it)) != canonical(after.get(it))]
    users = _condition_users(sides) if names else {}
    for name in names:
        hang = quoted(sorted(users.get(name, ())))
        if name not in before and hang:
            message = f"has a condition `{name}`, used by {hang}"
            yield look(sides.whole, Subject.STACKS, "condition-added", message)
        elif hang:
            message = f"condition `{name}` has another definition, which decides whether and how these exist: {hang}"
            yield risk(sides.whole, Subject.STACKS, "condition-changed", message)
        else:
            message = f"condition `{name}` differs; nothing uses it, or its value is always the same"
            yield harmless(sides.whole, Subject.STACKS, "condition-unused", message)


def _changed_branches(sides: Sides, base: Stack, head: Stack) -> Iterator[Finding]:
    """Differences that need another value of a parameter than its default; other checks use the default (`aligned`)."""
    before, after = _branches(base), _branches(head)
    for key in base.resources.keys() & head.resources.keys():
        if names := {name for name, _ in before.get(key, set()) ^ after.get(key, set())}:
            message = f"another value is decided by {quoted(sorted(names))}, and not by the defaults of parameters"
            yield look(sides.place(key), Subject.STACKS, "branch-changed", message)


def _branches(stack: Stack) -> Mapping[str, set[tuple[str, str]]]:
    """The branches of each resource, for conditions that the default of a parameter decides."""
    facts = template_facts(stack.template, stack.region)
    values = Resolver({stack.name: stack.template}, {stack.name: stack.region})
    decided = values.conditions(stack.name).keys() - facts.conditions.keys()
    return {
        key: {
            (str(chosen[0]), canonical(part))
            for part in walk(normal_form(resource, facts))
            if (chosen := items(part.get("Fn::If"))) and str(chosen[0]) in decided
        }
        for key, resource in stack.resources.items()
        if decided
    }


def _condition_users(sides: Sides) -> Mapping[str, set[str]]:
    """The resources that use a condition, by its name."""
    users: dict[str, set[str]] = defaultdict(set)
    # In the template as written: conditions that a parameter's default decides count as used, constant ones do not.
    template = sides.either.template
    constant = constant_conditions(template, sides.either.region)
    for key, resource in mapping(template.get("Resources")).items():
        for part in walk(resource):
            for name in (at(part, "Condition"), *items(part.get("Fn::If"))[:1]):
                if isinstance(name, str) and name not in constant:
                    users[name].add(sides.path(key))
    return users


def _transforms(sides: Sides) -> Iterator[Finding]:
    before, after = (set(_rewriting(it)) for it in (sides.base_template, sides.head_template))
    for transform in sorted(after - before):
        message = f"is transformed by `{transform}` at deployment: no review sees the result"
        yield risk(sides.whole, Subject.STACKS, "transform", message)
    for transform in sorted(before - after):
        message = f"is no longer transformed by `{transform}`: what that created is deleted"
        yield risk(sides.whole, Subject.STACKS, "transform", message)


def _rewriting(template: Map) -> Iterator[str]:
    """The transforms of a template: they change it at deployment, so no review sees the result."""
    if (transform := template.get("Transform")) is not None:
        yield written(transform)
    rest = {key: value for key, value in template.items() if key != "Transform"}
    for part in walk(rest) if may_mention(rest, b"Fn::Transform") else ():
        if "Fn::Transform" in part:
            yield written(part["Fn::Transform"])
