"""Resolves values as far as templates decide them: names, ARNs, outputs, defaults of parameters."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from installation import yaml_text
from ops.templates.normal_form import TemplateFacts, by_default, normal_form
from ops.templates.schemas import schema
from ops.templates.values import Json, Map, at, mapping, may_mention, rebuilt, written

# Depth of outputs that read outputs: only a loop is that deep.
_DEEPEST: Final = 12
# The CDK's own parameter, which no resource reads.
_BOOTSTRAP: Final = "BootstrapVersion"
# RDS converts these names to lower case.
_SMALL: Final = "AWS::RDS::"
# The property that `Ref` returns, where it is not the schema's identifier (resource reference, "Return values").
_NAMED: Final = {"AWS::Events::Rule": "Name"}
# The attribute that `Ref` returns, where it is not the schema's identifier.
_IDENTIFIED: Final = {"AWS::EC2::SecurityGroup": "GroupId"}
# The property with the name and the text before it, by type and attribute (or `Ref`); the file explains the text.
ARNS: Final = yaml_text.read(Path(__file__).parent / "data" / "arns.yaml", dict[str, dict[str, tuple[str, str]]])
# `Ref` of these returns the ARN, which is not known where CloudFormation generates the name.
_ARN_ONLY: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider", "AWS::SNS::Topic"})
_ENDS: Final = {"AWS::Logs::LogGroup": ":*"}


class Resolver:
    """Resolves values of one side's stacks, by stack name."""

    def __init__(self, templates: Mapping[str, Map], regions: Mapping[str, str]) -> None:
        self._templates = templates
        self._regions = regions
        self._known: dict[str, TemplateFacts] = {}
        self._exports: dict[str, tuple[str, Json]] | None = None

    def value(self, stack: str, value: Json, depth: int = 0) -> Json:
        """A value resolved; what is known only at deployment stays a reference, with the name of its stack."""
        if depth > _DEEPEST:
            return value
        known = self._facts(stack)
        return normal_form(self._resolve(stack, normal_form(value, known), depth), known)

    def decided(self, stack: str) -> Map:
        """A template whose resources have the values of parameters, mappings and conditions in their place.

        Where these decide nothing, it is the given template. A resource whose condition is never true is left out.
        """
        template = self._templates[stack]
        parameters = mapping(template.get("Parameters")).keys() - {_BOOTSTRAP}
        decides = parameters or template.get("Mappings") or template.get("Conditions")
        if not decides and not may_mention(template.get("Resources"), b"Fn::Sub"):
            return template
        known = self._facts(stack)
        made = {
            logical_id: normal_form(body, known)
            for logical_id, body in mapping(template.get("Resources")).items()
            if known.conditions.get(str(mapping(body).get("Condition")), True)
        }
        return template | {"Resources": made}

    def conditions(self, stack: str) -> Mapping[str, bool]:
        """The conditions of a stack that are constant, or decided by the defaults of parameters."""
        return self._facts(stack).conditions

    def _facts(self, stack: str) -> TemplateFacts:
        if stack not in self._known:
            self._known[stack] = by_default(self._templates.get(stack, {}), self._regions.get(stack, ""))
        return self._known[stack]

    def _resolve(self, stack: str, value: Json, depth: int) -> Json:
        if isinstance(value, dict) and len(value) == 1:
            ((key, argument),) = value.items()
            if (found := self._reference(stack, key, argument, depth)) is not None:
                return found
        return rebuilt(value, lambda part: self._resolve(stack, part, depth))

    def _reference(self, stack: str, key: str, argument: Json, depth: int) -> Json:
        if key == "Ref" and isinstance(argument, str):
            return self._attribute(stack, argument, "Ref", depth)
        if key == "Fn::GetAtt" and isinstance(argument, list) and len(argument) == 2:
            owner, attribute = argument
            if isinstance(owner, str) and isinstance(attribute, str):
                return self._attribute(stack, owner, attribute, depth)
        if key == "Fn::GetStackOutput":
            other, output = at(argument, "StackName"), at(argument, "OutputName")
            if (region := at(argument, "Region")) not in (None, self._regions.get(str(other), region)):
                return None  # a stack of the same name in another account or region
            content = at(self._templates.get(str(other)), "Outputs", str(output), "Value")
            return None if content is None else self.value(str(other), content, depth + 1)
        if key == "Fn::ImportValue":
            found = self._exported().get(written(self.value(stack, argument, depth + 1)))
            return self.value(*found, depth + 1) if found else None
        return None

    def _exported(self) -> Mapping[str, tuple[str, Json]]:
        if self._exports is None:
            self._exports = {
                written(self.value(stack, name)): (stack, at(output, "Value"))
                for stack, template in self._templates.items()
                for output in mapping(template.get("Outputs")).values()
                if (name := at(output, "Export", "Name")) is not None
            }
        return self._exports

    def _attribute(self, stack: str, owner: str, attribute: str, depth: int) -> Json:
        resource = mapping(at(self._templates.get(stack), "Resources", owner))
        if not resource:
            return None
        kind, region = str(resource.get("Type")), self._regions.get(stack, "")
        properties = mapping(resource.get("Properties"))
        reference: Map = {"Ref": f"{stack}/{owner}"}  # unique among all stacks
        if attribute in ARNS.get(kind, ()):
            named, form = ARNS[kind][attribute]
            name = properties.get(named)
            if name is not None or kind not in _ARN_ONLY:
                value = reference if name is None else self.value(stack, name, depth + 1)
                return _arn(kind, form, value, properties, self._facts(stack))
        if attribute == "Ref":
            name = properties.get(_name_property(kind, region) or "")
            converted = kind.startswith(_SMALL) and written(name) != written(name).lower()
            return reference if name is None or converted else self.value(stack, name, depth + 1)
        if attribute == _identifier(kind, region):
            return reference
        if isinstance(value := properties.get(attribute), str):
            return value
        return {"Fn::GetAtt": [f"{stack}/{owner}", attribute]}


def _arn(kind: str, form: str, name: Json, properties: Map, facts: TemplateFacts) -> Json:
    path = properties.get("Path")
    if isinstance(path, str) and path != "/":
        form = form.removesuffix("/") + path
    # What the letters stand for in the texts of `ARNS`: region and account.
    known: Map = {"R": facts.region or {"Ref": "AWS::Region"}, "A": {"Ref": "AWS::AccountId"}}
    pieces: list[Json] = ["arn:", facts.pseudo("AWS::Partition") or {"Ref": "AWS::Partition"}]
    for part in form.split(":"):
        pieces += [":", known.get(part, part)]
    if kind == "AWS::IAM::OIDCProvider":
        name = written(name).removeprefix("https://")
    joined: list[Json] = [*pieces, name, _ENDS.get(kind, "")]
    return {"Fn::Join": ["", joined]}


@cache
def _name_property(kind: str, region: str) -> str | None:
    """The property whose value `Ref` returns."""
    if kind in _NAMED:
        return _NAMED[kind]
    its = schema(kind, region)
    if its is None or len(its.identifiers) != 1 or its.identifiers[0] in its.read_only:
        return None
    name = "/".join(its.identifiers[0])
    return name if name in its.properties else None


@cache
def _identifier(kind: str, region: str) -> str | None:
    """The attribute whose value equals `Ref`."""
    if kind in _IDENTIFIED or kind in _NAMED:
        return _IDENTIFIED.get(kind)
    its = schema(kind, region)
    return "/".join(its.identifiers[0]) if its and len(its.identifiers) == 1 else None
