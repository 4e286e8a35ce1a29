"""Existing resources that a new resource of any type uses: roles that it assumes, functions that it calls, data."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, risk
from ops.review.judgements import Weight, judgements_of_type
from ops.review.new_values import fits
from ops.review.value_rules import any_type_rules
from ops.templates.schemas import schema
from ops.templates.values import Json, Map, at, canonical, leaf_values, mapping, references, stack_outputs, written

# A new resource in a network or with a role does not change them; the use of a role has its own finding.
_STOOD_IN: Final = frozenset({Weight.NONE, Weight.OTHER, Weight.NETWORK, Weight.IDENTITY})
# Weights of resources that are read, written or called when a new resource of any type refers to them.
_USED: Final = frozenset({Weight.DATA, Weight.EVIDENCE, Weight.RELEASE, Weight.DELIVERY, Weight.COMPUTE, Weight.EDGE})
_FUNCTION: Final = "AWS::Lambda::Function"
_ROLE: Final = "AWS::IAM::Role"
_TASKS: Final = "AWS::ECS::TaskDefinition"
# Types that are attached to a role and do not assume it.
_GIVING: Final = ("AWS::IAM::*Policy",)
_GROUP: Final = "AWS::EC2::SecurityGroup"
# Types that belong to a group's definition, or that only receive requests in it.
_NO_MEMBERS: Final = ("AWS::EC2::SecurityGroup*", "AWS::EC2::VPCEndpoint")
# Types that only refer to a function, or whose calls `permissions` judges.
_MAY_CALL: Final = (
    *("AWS::Lambda::Alias", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::IAM::*"),
    *("AWS::CloudWatch::Dashboard", "AWS::CloudWatch::Alarm"),
)
# Types with a judgement for new resources that nevertheless call functions.
_CALLS: Final = frozenset({"AWS::SNS::Subscription"})
_PSEUDO: Final = re.compile(r"\$\{AWS::\w+\}")  # the account and the region of an ARN
# A shorter name could be an ordinary word.
_SHORTEST: Final = 6
_NEWEST: Final = "$LATEST"  # the qualifier of every function


def uses(comparison: Comparison) -> Iterator[Finding]:
    """Findings about existing resources that new resources use."""
    # A resource with only a new logical id uses the same as before; other checks report its name and its deletion.
    gone = {_content(change, change.old) for change in comparison.changes if change.kind is Kind.REMOVED}
    added = [it for it in comparison.changes if it.kind is Kind.ADDED and _content(it, it.new) not in gone]
    names = _resources_by_name(comparison) if added else {}
    for change in added:
        yield from _uses(change, comparison, names)


def _content(change: Change, side: Map) -> tuple[str, str, str]:
    return change.stack, change.type, canonical(side.get("Properties"))


def _uses(change: Change, comparison: Comparison, names: Mapping[str, list[tuple[str, str]]]) -> Iterator[Finding]:
    """Findings about existing resources that a new resource assumes, calls, or acts on."""
    type_judgements = judgements_of_type(change.type)
    judged = type_judgements.new is not None or bool(type_judgements.judgements)
    calls = (type_judgements.new is None or change.type in _CALLS) and not fits(change.type, _MAY_CALL)
    acted_on: dict[str, Weight] = {}
    for path, kind, weight, location in _referenced_resources(change, comparison, names):
        if kind == _ROLE and any("Role" in it for it in location) and not fits(change.type, _GIVING):
            why = "made for something else: whoever uses it has the role's permissions"
            message = f"acts with the role `{path}`, {why}"
            yield risk(change, Subject.PERMISSIONS, "role-used", message)
        elif kind == _GROUP and any("Group" in it for it in location) and not fits(change.type, _NO_MEMBERS):
            message = f"is in the security group `{path}`: it reaches, and is reached by, what the group's rules name"
            yield risk(change, Subject.EXPOSURE, "group-joined", message)
        elif kind == _FUNCTION and calls:
            message = f"calls or changes `{path}`, which was made for something else"
            yield risk(change, Subject.MONTH, "acts-on", message)
        elif kind == _TASKS and not fits(change.type, any_type_rules().looking):
            message = f"runs `{path}` beside the product's releases: its containers, with its role and its secrets"
            yield risk(change, Subject.MONTH, "acts-on", message)
        elif _is_relevant(change, weight, location, judged=judged):
            acted_on[path] = weight
    if acted_on:
        uses = ", ".join(f"`{path}` ({weight})" for path, weight in sorted(acted_on.items()))
        message = f"a new `{change.type}` acts on {uses}, and no rule judges what it does there"
        yield risk(change, Subject.NOT_JUDGED, "acts-on", message)


def _is_relevant(change: Change, weight: Weight, location: tuple[str, ...], *, judged: bool) -> bool:
    """Whether a reference to a resource of a weight means acting on it; a destination of logs does not."""
    identity = judgements_of_type(change.type).weight is Weight.IDENTITY
    if judged or identity or fits(change.type, any_type_rules().looking):
        return False
    if not change.type.startswith("AWS::Logs::") and any("Log" in it or "Topic" in it for it in location):
        return False
    return weight in _USED or (weight not in _STOOD_IN and change.type.endswith(any_type_rules().acting))


def _referenced_resources(
    change: Change, comparison: Comparison, names: Mapping[str, list[tuple[str, str]]]
) -> Iterator[tuple[str, str, Weight, tuple[str, ...]]]:
    """Path, type and weight of existing resources that a new one refers to, and the property with the reference."""
    for name, value in mapping(change.new.get("Properties")).items():
        for location, part in leaf_values(value, (name,)):
            if not isinstance(part, dict | str) or any("Tags" in it for it in location):
                continue  # tags have the project's name, which is also the name of resources
            places = [(change.stack, target) for target in references(part)]
            for stack, output in stack_outputs(part):
                if stack in comparison.sides:
                    content = at(comparison.sides[stack].head_template, "Outputs", output, "Value")
                    places += [(stack, target) for target in references(content)]
            places += _named_resources(part, names)
            for stack, logical_id in places:
                sides = comparison.sides[stack]
                kind = str(sides.before.get(logical_id, {}).get("Type"))
                yield sides.path(logical_id), kind, judgements_of_type(kind).weight, location


def _resources_by_name(comparison: Comparison) -> Mapping[str, list[tuple[str, str]]]:
    """Stack and logical id of existing resources, by their names: some properties contain names, not references."""
    by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for stack in comparison.base.stacks.values():
        for logical_id, resource in stack.resources.items():
            type_schema = schema(str(resource.get("Type")), comparison.region)
            for name in type_schema.name_properties if type_schema else ():
                text = at(resource.get("Properties"), *name.split("/"))
                if isinstance(text, str) and len(text) >= _SHORTEST and text != _NEWEST:
                    by_name[text].append((stack.name, logical_id))
    return by_name


def _named_resources(value: Json, names: Mapping[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The resources whose name is a text, or the end of an ARN in it."""
    text = _PSEUDO.sub("", value if isinstance(value, str) else written(value))
    return names.get(text) or names.get(re.split(r"[:/]", text, maxsplit=6)[-1], [])
