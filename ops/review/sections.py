"""Differences in the sections of a template other than resources: outputs, parameters, mappings, texts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ops.review.any_type import is_secret
from ops.review.changes import Comparison, Sides
from ops.review.finding import Finding, Severity, Subject, about, harmless, look, quoted, risk, shown
from ops.review.judgements import Weight, judgements_of_type
from ops.review.value_rules import any_type_rules
from ops.templates.assembly import Stack
from ops.templates.differences import leaves
from ops.templates.values import Json, Map, at, canonical, mapping, references, written

_JUDGED_ELSEWHERE = frozenset({"Resources", "Conditions", "Transform", "Outputs", "Parameters", "Description"})
_NOT_DEPLOYED = ("AWSTemplateFormatVersion", "Metadata")
# Dynamic references whose value is a secret (CloudFormation user guide).
_SECRETS = ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:")
_SHOWN = 8  # characters of a secret: enough to find it
_OWN_RULE = "CheckBootstrapVersion"
_BOOTSTRAP = '{"Ref": "BootstrapVersion"}'


def sections(comparison: Comparison) -> Iterator[Finding]:
    """Findings about the other sections of the templates."""
    for sides in comparison.sides.values():
        if sides.base and sides.head:
            if not sides.same_template:
                yield from _outputs(sides, comparison)
                yield from _parameters(sides)
                yield from _other_section_findings(sides)
                yield from _secrets(sides)
            yield from _undeployed_findings(sides, sides.base, sides.head)
            if sides.base_template.get("Description") != sides.head_template.get("Description"):
                yield harmless(sides.whole, Subject.STACKS, "description", "is described otherwise")
            if failure := comparison.verdicts[sides.name].failure:
                instead = "replacements are judged by the resource schemas alone"
                message = f"CDK's own comparison failed (`{failure}`): {instead}"
                yield risk(sides.whole, Subject.STACKS, "not-compared", message)


def _outputs(sides: Sides, comparison: Comparison) -> Iterator[Finding]:
    before, after = (mapping(it.get("Outputs")) for it in (sides.base_template, sides.head_template))
    read_outputs = {(stack, output) for it in comparison.head.stacks.values() for _, stack, output in it.reads}
    for name in dict.fromkeys([*before, *after]):
        old, new = mapping(before.get(name)), mapping(after.get(name))
        if _prints_secret(new) and not _prints_secret(old):
            message = f"prints a secret as `{name}`: whoever may describe stacks reads it"
            yield risk(sides.whole, Subject.EXPOSURE, "secret-in-template", message)
        elif not new and (sides.name, name) in read_outputs:
            continue  # `stacks` reports its readers
        elif not new:
            # People and runbook commands read outputs with a description; stacks read the others.
            severity = Severity.LOOK if "Description" in old or "Export" in old else Severity.HARMLESS
            rule = "output-removed" if severity else "output-unread"
            reader = ", which a runbook may read" if severity else ": no stack reads it"
            message = f"no longer prints `{name}`{reader}"
            yield about(sides.whole, Subject.STACKS, severity, rule, message)
        elif not old:
            yield _added(sides, name, new)
        elif canonical(old) != canonical(new):
            yield _output(sides, name, (old, new), comparison)


def _prints_secret(output: Map) -> bool:
    return any(word in written(output.get("Value")) for word in _SECRETS)


def _secrets(sides: Sides) -> Iterator[Finding]:
    """Secrets by their form outside of properties: in outputs, defaults, mappings, metadata."""
    before, after = map(_without_properties, (sides.base_template, sides.head_template))
    for found in any_type_rules().forms.finditer(after) if after != before else ():
        if found[0] not in before:
            message = f"`{found[0][:_SHOWN]}…` beside the resources is a secret: whoever reads the template has it"
            yield risk(sides.whole, Subject.EXPOSURE, "secret-in-template", message)


def _without_properties(template: Map) -> str:
    resources = mapping(template.get("Resources"))
    others: Map = {name: {**mapping(it), "Properties": None} for name, it in resources.items()}
    return canonical({**template, "Resources": others})


def _added(sides: Sides, name: str, new: Map) -> Finding:
    if "Export" in new:
        message = f"exports `{name}`: once another stack imports it, it cannot be changed any more"
        return look(sides.whole, Subject.STACKS, "export-changed", message)
    return harmless(sides.whole, Subject.STACKS, "output-added", f"prints `{name}`")


def _output(sides: Sides, name: str, pair: tuple[Map, Map], comparison: Comparison) -> Finding:
    old, new = pair
    readers = sorted(set(_readers(sides.name, name, comparison)))
    severity = Severity.RISK if readers or "Description" in old or "Export" in old else Severity.LOOK
    readers_text = quoted(readers) or "who reads it"
    if (condition := new.get("Condition")) not in (None, old.get("Condition")):
        message = f"prints `{name}` only where condition `{condition}` holds: where it does not, {readers_text} fails"
        return about(sides.whole, Subject.STACKS, severity, "output-changed", message)
    if canonical(old.get("Value")) != canonical(new.get("Value")):
        values = tuple(written(it.get("Value"), sides.paths) for it in pair)
        if values[0] == values[1]:
            message = f"prints `{name}` by another logical id: `{values[1]}` is created again"
            return look(sides.whole, Subject.STACKS, "output-changed", message)
        message = f"prints another value as `{name}`: `{values[0]}` → `{values[1]}`; {readers_text} acts on that"
        return about(sides.whole, Subject.STACKS, severity, "output-changed", message)
    if canonical(old.get("Export")) != canonical(new.get("Export")):
        severity = Severity.RISK if old.get("Export") else Severity.LOOK
        message = f"exports another value as `{name}`: CloudFormation refuses to change an export that is imported"
        return about(sides.whole, Subject.STACKS, severity, "export-changed", message)
    return harmless(sides.whole, Subject.STACKS, "description", f"describes `{name}` otherwise")


def _readers(stack: str, output: str, comparison: Comparison) -> Iterator[str]:
    """Paths of the resources in other stacks that have a weight and read an output of a stack."""
    for other in comparison.head.stacks.values():
        for logical_id, *read in other.reads:
            kind = str(other.resources[logical_id].get("Type"))
            if read == [stack, output] and judgements_of_type(kind).weight is not Weight.NONE:
                yield other.path(logical_id)


def _parameters(sides: Sides) -> Iterator[Finding]:
    before, after = (mapping(it.get("Parameters")) for it in (sides.base_template, sides.head_template))
    names = [it for it in dict.fromkeys([*before, *after]) if canonical(before.get(it)) != canonical(after.get(it))]
    used_by = _users(sides) if names else {}
    for name in names:
        users = quoted(used_by.get(name, ())) or "nothing"
        default = at(after.get(name), "Default")
        hidden = written(at(after.get(name), "NoEcho")).lower() == "true" and default not in (None, "")
        if (hidden or is_secret(name, default)) and default != at(before.get(name), "Default"):
            message = f"the default of the parameter `{name}` is a secret: whoever reads the template has it"
            yield risk(sides.whole, Subject.EXPOSURE, "secret-in-template", message)
        elif name not in before and name not in used_by:
            message = f"takes a parameter `{name}`, used by nothing"
            yield harmless(sides.whole, Subject.STACKS, "parameter-unused", message)
        elif name not in before:
            yield look(sides.whole, Subject.STACKS, "parameter-added", f"takes a parameter `{name}`, used by {users}")
        elif name not in after:
            yield look(sides.whole, Subject.STACKS, "parameter-removed", f"no longer takes the parameter `{name}`")
        elif found := list(leaves(_without_description(before[name]), _without_description(after[name]), (name,))):
            message = f"the parameter differs: {', '.join(map(shown, found))}; used by {users}"
            yield risk(sides.whole, Subject.STACKS, "parameter-changed", message)
        else:
            message = f"has another description of the parameter `{name}`"
            yield harmless(sides.whole, Subject.STACKS, "description", message)


def _without_description(parameter: Json) -> Map:
    return {key: it for key, it in mapping(parameter).items() if key not in ("Description", "ConstraintDescription")}


def _users(sides: Sides) -> Mapping[str, list[str]]:
    """The resources and sections that refer to a name, by the name, in the template as written."""
    users: dict[str, list[str]] = defaultdict(list)
    template = sides.either.template
    for key, value in mapping(template.get("Resources")).items():
        for name in dict.fromkeys(references(value)):
            users[name].append(sides.path(key))
    for section in ("Conditions", "Outputs"):
        for name in dict.fromkeys(references(template.get(section))):
            users[name].append(section)
    return users


def _other_section_findings(sides: Sides) -> Iterator[Finding]:
    """Findings about mappings, rules, and sections that no check knows."""
    for section in dict.fromkeys([*sides.base_template, *sides.head_template]):
        if section in _JUDGED_ELSEWHERE or section in _NOT_DEPLOYED:
            continue
        before, after = (it.get(section, {}) for it in (sides.base_template, sides.head_template))
        for leaf in leaves(before, after, (section,)):
            message = f"`{'.'.join(leaf.path)}` is `{written(leaf.new)}` instead of `{written(leaf.old)}`"
            if leaf.old is None and section == "Mappings":
                yield harmless(sides.whole, Subject.STACKS, "mapping-added", message)
            else:
                yield risk(sides.whole, Subject.STACKS, "section-changed", message)


def _undeployed_findings(sides: Sides, base: Stack, head: Stack) -> Iterator[Finding]:
    """Findings about parts that are not deployed, or only checked before a deployment."""
    for name in _NOT_DEPLOYED:
        if base.template.get(name) != head.template.get(name):
            message = f"has another `{name}`, which is not deployed"
            yield harmless(sides.whole, Subject.STACKS, "metadata", message)
    if base.shown_as != head.shown_as:
        message = f"is shown as `{head.shown_as}` instead of `{base.shown_as}`"
        yield harmless(sides.whole, Subject.STACKS, "metadata", message)
    rules = [at(it.template, "Rules", _OWN_RULE) for it in (base, head)]
    if rules[0] is not None and rules[0] != rules[1]:
        severity, message = Severity.HARMLESS, "asks for another version of the bootstrap stack before it is deployed"
        if _BOOTSTRAP not in canonical(rules[1]):  # it is removed, or no bootstrap stack makes it fail
            severity, message = Severity.LOOK, "no longer asks for a recent bootstrap stack before it is deployed"
        yield about(sides.whole, Subject.STACKS, severity, "rule-removed", message)
