"""The differences that no other check judges: they get a finding by the judgements in data, or as not judged."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.defaults import means_the_same
from ops.review.finding import Claim, Finding, Severity, Subject, about, harmless, look, quoted, shown
from ops.review.judgements import Judgement, Weight, in_new_resource, judgement_of, judgements_of_type, within_added
from ops.review.new_resources import type_kind
from ops.review.new_values import NewValue
from ops.review.text_changes import text_change
from ops.review.value_rules import safeguards_of
from ops.templates.deployed import MASK, deployed_pair
from ops.templates.differences import Leaf
from ops.templates.values import Json, Map, at, canonical, identical, mapping, references, stack_outputs, waited_for

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_READS_DOCSTRINGS = ("__doc__", "inspect", "doctest", "help(")
# A receiver that was bad is no safeguard that was off: any other receiver is judged as a new one. Nor is a large size.
_NO_SAFEGUARDS = ("sent-elsewhere", "plain-text", "costly")


def remaining_differences(comparison: Comparison, judged: Iterable[Finding]) -> Iterator[Finding]:
    """Findings about every difference of a resource that the given findings do not judge."""
    by_place: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in judged:
        by_place[(finding.stack, finding.logical_id)].append(finding)
    renamed = _renamed_logical_ids(comparison.changes)
    moved = {
        (stack, it)
        for (stack, old, kind), new in renamed.items()
        if judgements_of_type(kind).twice or judgements_of_type(kind).renamed
        for it in (old, new)
    }
    for change in comparison.changes:
        findings = by_place[(change.stack, change.logical_id)]
        if (change.stack, change.logical_id) in moved:
            message = "has another logical id: the same is made first, and then the old one goes"
            yield harmless(change, Subject.REPLACEMENT, "made-again", message)
        elif change.kind is Kind.ADDED:
            yield from _adjust_to_lifecycle(change, comparison, _added(change, findings))
        elif change.kind is Kind.REMOVED:
            # The condition of a resource that stays in the template and is no longer created.
            condition = at(comparison.head.stacks[change.stack].resources.get(change.logical_id), "Condition")
            yield from _removal_findings(change, findings, condition)
        else:
            claims = [claim for finding in findings for claim in finding.claims]
            tags = comparison.head.stacks[change.stack].tags
            names = {old: new for (stack, old, _), new in renamed.items() if stack == change.stack}
            yield from _adjust_to_lifecycle(change, comparison, _changed(change, claims, tags, names))


def _adjust_to_lifecycle(change: Change, comparison: Comparison, found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, where a blocked month's end is harmless in a persistent stack."""
    for it in found:
        if it.rule == "month-end-blocked" and comparison.head.stacks[change.stack].lifecycle == "persistent":
            message = "is protected against deletion, in a stack that outlives the month"
            yield harmless(change, it.subject, "kept-longer", message)
        else:
            yield it


def _renamed_logical_ids(changes: Iterable[Change]) -> dict[tuple[str, str, str], str]:
    """The new logical id of resources that are removed and added with equal content, by stack, old id and type."""
    same_content: dict[tuple[str, str, str], dict[Kind, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for change in changes:
        if change.kind is not Kind.CHANGED:
            properties, path = (change.new or change.old).get("Properties"), judgements_of_type(change.type).renamed
            name = canonical(at(properties, *path.split("/"))) if path else ""
            content = canonical(_without(properties, path.split("/")) if path else properties)
            same_content[(change.stack, change.type, content)][change.kind][change.logical_id] = name
    pairs = {key: (it[Kind.REMOVED], it[Kind.ADDED]) for key, it in same_content.items()}
    return {
        (stack, next(iter(old)), kind): next(iter(new))
        for (stack, kind, _), (old, new) in pairs.items()
        if len(old) == len(new) == 1 and ([*old.values()] != [*new.values()] or "" in old.values())
    }


def _without(value: Json, path: list[str]) -> Json:
    """The value without what is at a path."""
    first, *rest = path
    its = mapping(value)
    return {key: _without(it, rest) if key == first else it for key, it in its.items() if rest or key != first}


def undeployed(comparison: Comparison) -> Iterator[Finding]:
    """Findings about resources that are written differently with the same deployed result."""
    changed = {(change.stack, change.logical_id) for change in comparison.changes}
    for name, sides in comparison.sides.items():
        if not sides.base or not sides.head:
            continue
        before, after = sides.base.resources, sides.head.resources
        for logical_id in dict.fromkeys([*before, *after]):
            same = identical(before.get(logical_id, {}), after.get(logical_id, {}))
            if (name, logical_id) not in changed and not same:
                yield _equal_resource_finding(sides, logical_id, before, after)


def _equal_resource_finding(
    sides: Sides, logical_id: str, before: Mapping[str, Map], after: Mapping[str, Map]
) -> Finding:
    """A finding about a resource that is written differently: the order of creation may change."""
    old, new = before.get(logical_id, {}), after.get(logical_id, {})
    rule, message = _equality_reason(old, new)
    severity = Severity.HARMLESS
    if rule == "equal-form" and _has_other_references(old, new, {**before, **after}):
        severity, rule = Severity.LOOK, "reference-written-out"
        message = "names the same by other references than before"
        if forgotten := _awaited(logical_id, before) - _awaited(logical_id, after):
            severity, rule = Severity.RISK, "order-lost"
            names = quoted(map(sides.path, sorted(forgotten)))
            message = f"names the same and no longer waits for {names}: {sides.begins} may make it too early"
            if not forgotten & after.keys():
                rule = "reference-broken"
                message = f"names {names} as a text, which is removed: nothing has that name then"
    return about(sides.place(logical_id), Subject.NOT_JUDGED, severity, rule, message)


def _awaited(logical_id: str, resources: Mapping[str, Map]) -> set[str]:
    """The resources that are created before a resource. Resources in an identity's policies need not exist first."""
    resource = resources.get(logical_id, {})
    if str(resource.get("Type")).startswith("AWS::IAM::"):
        properties = mapping(resource.get("Properties"))
        others = {key: it for key, it in properties.items() if key not in ("Policies", "PolicyDocument")}
        resources = {**resources, logical_id: {**resource, "Properties": others}}
    return waited_for(logical_id, resources)


def _has_other_references(old: Json, new: Json, names: Mapping[str, Json]) -> bool:
    """Whether two values refer to other resources of their template, or to other stacks."""
    before, after = (
        ({it for it in references(value) if it in names}, set(stack_outputs(value))) for value in (old, new)
    )
    return before != after


def _equality_reason(old: Map, new: Map) -> tuple[str, str]:
    if "AWS::CDK::Metadata" in (old.get("Type"), new.get("Type")):
        return "metadata", "is a note of the CDK's"
    if identical({**old, "Metadata": None}, {**new, "Metadata": None}):
        return "metadata", "has other metadata, which are not deployed"
    if MASK in canonical(deployed_pair({"Resources": {"R": new}}, {})[0]):
        return "asset-hash", "has another asset hash: the file behind it is reviewed in the pull request itself"
    return "equal-form", "is written otherwise, with the same values"


def _changed(
    change: Change, claims: list[Claim], tags: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[Finding]:
    for leaf in change.leaves:
        if any(leaf.path[: len(claim)] == claim for claim in claims):
            continue
        if leaf.path[0] == "Properties" and _replace_names(leaf.old, names) == canonical(leaf.new):
            message = f"{shown(leaf)}: is of the same content, under another logical id"
            yield look(change, Subject.NOT_JUDGED, "reference-written-out", message)
        else:
            yield _stack_tag_finding(change, leaf, tags) or _leaf_finding(change, leaf)
    if not change.leaves and not change.follows:
        yield harmless(change, Subject.NOT_JUDGED, "equal-form", "is written otherwise, with the same values")


def _replace_names(value: Json, names: Mapping[str, str]) -> str:
    text = canonical(value)
    for old in names.keys() & set(references(value)):
        text = text.replace(f'"{old}"', f'"{names[old]}"')
    return text


def _stack_tag_finding(change: Change, leaf: Leaf, tags: Mapping[str, str]) -> Finding | None:
    """A finding about a removed tag that the stack has too; None where the difference is not such a tag."""
    key, _, name = leaf.path[-1].partition("=")
    if key != "Key" or leaf.new is not None or at(leaf.old, "Value") != tags.get(name, ""):
        return None
    message = f"{shown(leaf)}: the stack has this tag, and CloudFormation gives it to what it makes"
    return look(change, Subject.STACKS, "tag-of-the-stack", message)


def _leaf_finding(change: Change, leaf: Leaf) -> Finding:
    if leaf.path[-1] == "(order)":
        return look(change, Subject.NOT_JUDGED, "order-changed", f"{shown(leaf)}: in another order")
    if _changes_only_comments(change, leaf):
        message = f"{shown(leaf)}: the same instructions"
        return harmless(change, Subject.NOT_JUDGED, "comments-only", message)
    if means_the_same(change.type, leaf.path[1:], leaf.old, leaf.new):
        message = f"{shown(leaf)}: is what its absence means"
        return harmless(change, Subject.NOT_JUDGED, "default-spelled-out", message)
    judgement = judgement_of(change.type, leaf)
    if (found := text_change(leaf, change.type)) is not None:
        subject = (judgement and judgement.subject) or judgements_of_type(change.type).weight.subject
        return about(change, subject, found.severity, found.rule, f"{shown(leaf)}: {found.says}")
    inside = next(within_added(change.type, leaf), None) if leaf.old is None else None
    if inside is not None:
        return _judgement_finding(change, *inside)
    if judgement is None or (judgement.rule == "changed-unjudged" and _was_off(change, leaf)):
        return _default_finding(change, leaf)
    return _judgement_finding(change, judgement, leaf)


def _default_finding(change: Change, leaf: Leaf) -> Finding:
    type_judgements = judgements_of_type(change.type)
    one_more = leaf.path[-1] == "-" and type_kind(change.type) is not None
    matters = leaf.old not in (None, "", [], {}) or type_judgements.fixed or one_more
    weakens = leaf.new is None or (type_judgements.weight is not Weight.NONE and matters)
    severity, rule = Severity.LOOK, "not-judged"
    if weakens and not _was_off(change, leaf):
        severity, rule = Severity.RISK, "changed-unjudged"
    named = type_judgements.weight not in (Weight.NONE, Weight.OTHER)
    why = "no rule knows what this does" + (f" to the {type_judgements.weight}" if named else "")
    return about(change, Subject.NOT_JUDGED, severity, rule, f"{shown(leaf)}: {why}")


def _was_off(change: Change, leaf: Leaf) -> bool:
    """Whether a value is replaced that turned a safeguard off: findings about safeguards judge the new one."""
    before = NewValue(leaf.path[1:], leaf.old)
    met = (it.rule not in _NO_SAFEGUARDS and it.met_by(before) for it in safeguards_of(change.type, before.names))
    known = isinstance(leaf.old, str | int | float) and isinstance(leaf.new, str | int | float)  # and no function
    known = known and "\n" not in str(leaf.old)  # of a text with lines only one may have been bad
    return leaf.path[0] == "Properties" and known and any(met)


def _added(change: Change, findings: list[Finding]) -> Iterator[Finding]:
    for it in in_new_resource(change.type, change.new.get("Properties")):
        yield _judgement_finding(change, *it)
    type_judgements = judgements_of_type(change.type)
    if type_judgements.new is not None:
        yield _judgement_finding(change, type_judgements.new)
    elif not any(it.severity is not Severity.HARMLESS for it in findings):
        message = f"a new `{change.type}`: no rule judges what it is for"
        yield look(change, Subject.NOT_JUDGED, "added-unjudged", message)


def _removal_findings(change: Change, known: list[Finding], condition: Json) -> Iterator[Finding]:
    if any(it.severity is Severity.RISK or () in it.claims for it in known):
        return
    its = judgements_of_type(change.type)
    message = f"the `{change.type}` is removed" + (f": condition `{condition}` is never true" if condition else "")
    # A deployment of an API takes a stage of its own with it.
    rule = its.gone_look if change.before("StageName") is None else ""
    severity = Severity.LOOK if rule else Severity.RISK
    yield about(change, its.weight.subject, severity, rule or its.gone or "removed", message)


def _judgement_finding(change: Change, judgement: Judgement, leaf: Leaf | None = None) -> Finding:
    message = f"{shown(leaf) if leaf else 'is new'}: {judgement.says}"
    subject = judgement.subject or judgements_of_type(change.type).weight.subject
    return about(change, subject, judgement.severity, judgement.rule, message)


def _changes_only_comments(change: Change, leaf: Leaf) -> bool:
    """Whether a Python function's code has the same statements; docstrings count where the code reads them."""
    python = str(change.before("Runtime")).startswith("python") and not change.differs("Runtime")
    if leaf.path[-1] != "ZipFile" or not python or not isinstance(leaf.old, str) or not isinstance(leaf.new, str):
        return False
    try:
        return _statements(leaf.old) == _statements(leaf.new)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _statements(code: str) -> str:
    tree = ast.parse(code)
    if not any(word in code for word in _READS_DOCSTRINGS):
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
