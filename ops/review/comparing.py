"""Compares two applications, and follows replacements to the resources that refer to them, across stacks too."""

from collections import defaultdict
from collections.abc import Mapping

from ops.review.cdk_diff import CdkDiff, StackVerdict
from ops.review.changes import Change, Comparison, Sides, change_of, changes_of
from ops.templates.aligning import aligned, without_own_account
from ops.templates.assembly import Assembly
from ops.templates.deployed import deployed_pair
from ops.templates.normal_form import TemplateFacts, normal_form
from ops.templates.resolver import Resolver
from ops.templates.schemas import Replacement
from ops.templates.values import Json, Map, identical, mapping, rebuilt, references, stack_outputs

# The target of a reference: its stack, and the logical id of a resource or the name of an output.
Target = tuple[str, str]

# Suffix of references to replaced resources, so that CDK's diff sees a different value.
_REPLACED = " (replaced)"
_SAME = StackVerdict(resources={})


def compare(base: Assembly, head: Assembly, cdk_diff: CdkDiff, region: str) -> Comparison:
    """The differences between two applications.

    Raises:
        FailedError: the comparison failed.
    """
    base, head = without_own_account(base), without_own_account(head)
    values = (base.values, head.values)
    sides = {name: _make_sides(name, base, head, values) for name in dict.fromkeys([*base.stacks, *head.stacks])}
    changed = [it for it in sides.values() if not it.same_template]
    answers = cdk_diff.compare({it.name: _differing(it.base_template, it.head_template) for it in changed})
    verdicts = {name: answers.get(name, _SAME) for name in sides}
    changes = _all_changes(sides, verdicts, region)
    if replaced := {(it.stack, it.logical_id) for it in changes if it.replacement is Replacement.WILL}:
        verdicts = _propagate_replacements(replaced, sides, verdicts, cdk_diff, region)
        changes = _all_changes(sides, verdicts, region)
    return Comparison(base=base, head=head, sides=sides, verdicts=verdicts, changes=changes, region=region)


def _propagate_replacements(
    replaced: set[Target],
    sides: Mapping[str, Sides],
    verdicts: Mapping[str, StackVerdict],
    cdk_diff: CdkDiff,
    region: str,
) -> dict[str, StackVerdict]:
    """The verdicts, extended by resources that directly or indirectly refer to replaced resources."""
    users = _Users(sides)
    all_replaced, new = set(replaced), set(replaced)
    resources = {name: dict(verdict.resources) for name, verdict in verdicts.items()}
    while affected := users.of(new):
        outputs = {output for place in all_replaced for output in users.outputs[place]}
        present = {name: ids for name, ids in affected.items() if sides[name].head}
        marked = {name: _mark_resources(sides[name], ids, all_replaced, outputs) for name, ids in present.items()}
        answers = cdk_diff.compare(marked)
        new = set()
        for name, answer in answers.items():
            resources[name] |= answer.resources
            for logical_id in affected[name]:
                change = change_of(sides[name], logical_id, answer, region)
                if change.replacement is Replacement.WILL and (name, logical_id) not in all_replaced:
                    new.add((name, logical_id))
        all_replaced |= new
    return {name: it.model_copy(update={"resources": resources[name]}) for name, it in verdicts.items()}


class _Users:
    """The resources that refer to a resource, in its own stack or through outputs in other stacks."""

    def __init__(self, sides: Mapping[str, Sides]) -> None:
        self.outputs: dict[Target, set[Target]] = defaultdict(set)
        self._sides = sides
        self._readers: dict[Target, set[Target]] = defaultdict(set)
        for name, its in sides.items():
            for output, content in mapping(its.head_template.get("Outputs")).items():
                for target in references(content):
                    self.outputs[name, target].add((name, output))
            for logical_id, resource in its.after.items():
                for read in stack_outputs(resource):
                    self._readers[read].add((name, logical_id))

    def of(self, places: set[Target]) -> dict[str, set[str]]:
        """The resources that refer to any of the targets, by stack."""
        users: dict[str, set[str]] = defaultdict(set)
        for place in places:
            users[place[0]] |= self._sides[place[0]].referrers.get(place[1], set())
            for output in self.outputs[place]:
                for stack, logical_id in self._readers[output]:
                    users[stack].add(logical_id)
        return {stack: ids for stack, ids in users.items() if ids}


def _make_sides(name: str, base: Assembly, head: Assembly, values: tuple[Resolver, Resolver]) -> Sides:
    before, after = base.stacks.get(name), head.stacks.get(name)
    if before and after and before.region == after.region and identical(before.template, after.template):
        same = before.as_deployed
        return Sides(name=name, base=before, head=after, base_template=same, head_template=same)
    regions = {it.region for it in (before, after) if it}
    written = (before.template if before else {}, after.template if after else {})
    deployed = deployed_pair(*written, region=regions.pop() if len(regions) == 1 else "")
    old, new = aligned(name, deployed, values)
    return Sides(name=name, base=before, head=after, base_template=old, head_template=new)


def _differing(base: Map, head: Map) -> tuple[Map, Map]:
    """Two templates without the resources that are equal, which need no further comparison."""
    before, after = mapping(base.get("Resources")), mapping(head.get("Resources"))
    same = {key for key, value in after.items() if identical(before.get(key), value)}
    kept = [{key: value for key, value in it.items() if key not in same} for it in (before, after)]
    return base | {"Resources": kept[0]}, head | {"Resources": kept[1]}


def _all_changes(sides: Mapping[str, Sides], verdicts: Mapping[str, StackVerdict], region: str) -> tuple[Change, ...]:
    return tuple(
        change
        for name, verdict in verdicts.items()
        # A stack that left the application is not deleted: its resources do not change.
        if sides[name].head
        for change in changes_of(sides[name], verdict, region)
    )


def _mark_resources(sides: Sides, ids: set[str], replaced: set[Target], outputs: set[Target]) -> tuple[Map, Map]:
    """Some resources before and after, where references to replaced resources get a suffix after."""
    own = {logical_id for stack, logical_id in replaced if stack == sides.name}
    before: Map = {key: it for key, it in sides.before.items() if key in ids}
    after: Map = {key: it for key, it in sides.after.items() if key in ids}
    return {"Resources": before}, {"Resources": _mark_references(after, own, outputs)}


def _mark_references(value: Json, own: set[str], outputs: set[tuple[str, str]]) -> Json:
    if not isinstance(value, dict):
        return rebuilt(value, lambda part: _mark_references(part, own, outputs))
    if "Fn::Sub" in value and own.intersection(references(value)):
        value = mapping(normal_form(value, TemplateFacts()))  # in this form, references are separate values
    target = mapping(value.get("Fn::GetStackOutput"))
    if outputs.intersection(stack_outputs({"Fn::GetStackOutput": target})):
        return {"Fn::GetStackOutput": target | {"OutputName": f"{target['OutputName']}{_REPLACED}"}}
    if str(value.get("Ref")) in own:
        return {"Ref": f"{value['Ref']}{_REPLACED}"}
    attribute = value.get("Fn::GetAtt")
    parts = attribute.split(".", 1) if isinstance(attribute, str) else attribute
    if isinstance(parts, list) and parts and str(parts[0]) in own:
        return {"Fn::GetAtt": [f"{parts[0]}{_REPLACED}", *parts[1:]]}
    return rebuilt(value, lambda part: _mark_references(part, own, outputs))
