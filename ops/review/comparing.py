"""Compares two applications, and follows every replacement to what refers to it, across stacks too."""

from collections.abc import Mapping

from ops.review.changes import Change, Comparison, Sides, changes_of
from ops.review.engine import Engine, StackVerdict
from ops.templates.assembly import Assembly
from ops.templates.deployed import deployed_pair
from ops.templates.replacement import Replacement
from ops.templates.values import Json, Map, mapping, references

# What a reference is called once its target is replaced, so that the engine sees another value.
_REPLACED = " (replaced)"


def compare(base: Assembly, head: Assembly, engine: Engine, region: str) -> Comparison:
    """What differs between two applications.

    Raises:
        FailedError: the engine failed.
    """
    sides = {name: _sides(name, base, head) for name in dict.fromkeys([*base.stacks, *head.stacks])}
    verdicts = dict(engine.compare({it.name: _differing(it.base_template, it.head_template) for it in sides.values()}))
    changes = _all_changes(sides, verdicts, region)
    while True:
        marked = {it.name: _marked(it, changes, sides) for it in sides.values()}
        pairs = {
            name: _differing(sides[name].base_template, template)
            for name, template in marked.items()
            if template != sides[name].head_template
        }
        verdicts |= _resources_only(engine.compare(pairs), verdicts) if pairs else {}
        followed = _all_changes(sides, verdicts, region)
        if _replaced(followed) == _replaced(changes):
            break
        changes = followed
    return Comparison(base=base, head=head, sides=sides, verdicts=verdicts, changes=followed, region=region)


def _sides(name: str, base: Assembly, head: Assembly) -> Sides:
    before, after = base.stacks.get(name), head.stacks.get(name)
    regions = {it.region for it in (before, after) if it}
    templates = deployed_pair(
        before.template if before else {},
        after.template if after else {},
        region=regions.pop() if len(regions) == 1 else "",
    )
    return Sides(name=name, base=before, head=after, base_template=templates[0], head_template=templates[1])


def _differing(base: Map, head: Map) -> tuple[Map, Map]:
    """Two templates with the resources that differ: what is equal does not have to be compared again."""
    before, after = mapping(base.get("Resources")), mapping(head.get("Resources"))
    same = {key for key, value in after.items() if before.get(key) == value}
    kept = [{key: value for key, value in it.items() if key not in same} for it in (before, after)]
    return base | {"Resources": kept[0]}, head | {"Resources": kept[1]}


def _all_changes(sides: Mapping[str, Sides], verdicts: Mapping[str, StackVerdict], region: str) -> tuple[Change, ...]:
    return tuple(
        change
        for name, verdict in verdicts.items()
        # A stack that left the application is not deleted: nothing is done to its resources.
        if sides[name].head
        for change in changes_of(sides[name], verdict, region)
    )


def _replaced(changes: tuple[Change, ...]) -> set[tuple[str, str]]:
    return {(change.stack, change.logical_id) for change in changes if change.replacement is Replacement.WILL}


def _marked(sides: Sides, changes: tuple[Change, ...], all_sides: Mapping[str, Sides]) -> Map:
    """The template after, with other words for references to what is replaced."""
    replaced = _replaced(changes)
    own = {logical_id for stack, logical_id in replaced if stack == sides.name}
    outputs = {
        (stack, output)
        for stack in {stack for stack, _ in replaced}
        for output, content in mapping(all_sides[stack].head_template.get("Outputs")).items()
        if any((stack, logical_id) in replaced for logical_id in references(content))
    }
    if not own and not outputs:
        return sides.head_template
    template = dict(sides.head_template)
    template["Resources"] = _mark(template.get("Resources"), own, outputs)
    return template


def _mark(value: Json, own: set[str], outputs: set[tuple[str, str]]) -> Json:
    if isinstance(value, list):
        return [_mark(child, own, outputs) for child in value]
    if not isinstance(value, dict):
        return value
    target = mapping(value.get("Fn::GetStackOutput"))
    if (target.get("StackName"), target.get("OutputName")) in outputs:
        return {"Fn::GetStackOutput": target | {"OutputName": f"{target['OutputName']}{_REPLACED}"}}
    if value.get("Ref") in own:
        return {"Ref": f"{value['Ref']}{_REPLACED}"}
    attribute = value.get("Fn::GetAtt")
    if isinstance(attribute, list) and attribute and attribute[0] in own:
        return {"Fn::GetAtt": [f"{attribute[0]}{_REPLACED}", *attribute[1:]]}
    return {key: _mark(child, own, outputs) for key, child in value.items()}


def _resources_only(
    marked: Mapping[str, StackVerdict], plain: Mapping[str, StackVerdict]
) -> Mapping[str, StackVerdict]:
    """What the marks say about resources; about outputs, permissions and ports the true templates have spoken."""
    return {name: plain[name].model_copy(update={"resources": verdict.resources}) for name, verdict in marked.items()}
