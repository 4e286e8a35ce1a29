"""The normal form of values that are equal to CloudFormation: functions, numbers as text, absent values."""

import ipaddress
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import orjson

from ops.templates.values import Json, Map, at, identical, items, mapping, rebuilt

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_NOTHING: Final = object()
# Properties that contain a policy, also as JSON in a text.
_POLICIES: Final = ("PolicyDocument", "Policy", "PolicyText")
_MARK: Final = re.compile("\ue000(\\d+)\ue000")
_OF_PARTS: Final = frozenset({"Fn::Split", "Fn::Select", "Fn::Cidr", "Fn::FindInMap"})
# More than CloudFormation accepts as a template: nested placeholders multiply.
_LONGEST_TEXT: Final = 1_000_000
# Types of parameters whose value is a name in Parameter Store.
_NAMING: Final = "AWS::SSM::Parameter::"
# Beginnings of regions of other partitions.
_OTHER_PARTITIONS: Final = ("cn-", "us-gov-", "us-iso", "eu-isoe", "eusc-")


@dataclass(frozen=True, kw_only=True)
class TemplateFacts:
    """What is known about a template before it is deployed."""

    conditions: Mapping[str, bool] = field(default_factory=dict)  # constant conditions by name
    mappings: Map = field(default_factory=dict)  # its section ``Mappings``
    region: str = ""  # the region that it is synthesized for, empty if none
    parameters: Map = field(default_factory=dict)  # defaults of its parameters, where they are assumed

    def pseudo(self, name: Json) -> str | None:
        """The value of a pseudo parameter; None where it is known only at deployment."""
        if not self.region or self.region.startswith(_OTHER_PARTITIONS):
            return None
        return {
            "AWS::Region": self.region, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"
        }.get(str(name))  # fmt: skip


def template_facts(template: Map, region: str) -> TemplateFacts:
    """The facts of a template, for a region; the region is empty where it is not known."""
    mappings = mapping(template.get("Mappings"))
    return TemplateFacts(conditions=constant_conditions(template, region), mappings=mappings, region=region)


def by_default(template: Map, region: str) -> TemplateFacts:
    """The facts of a template whose parameters have their defaults, with its conditions."""
    facts = replace(template_facts(template, region), parameters=defaults(template))
    conditions = normal_form(template.get("Conditions"), facts)
    return replace(facts, conditions=constant_conditions({**template, "Conditions": conditions}, region))


def defaults(template: Map) -> Map:
    """Defaults of a template's parameters, except of those whose default is a name in Parameter Store."""
    values: Map = {}
    for name, parameter in mapping(template.get("Parameters")).items():
        kind, default = str(at(parameter, "Type")), at(parameter, "Default")
        if default is not None and not kind.startswith(_NAMING):
            listed = kind == "CommaDelimitedList" or kind.startswith("List<")
            values[name] = [it.strip() for it in str(default).split(",")] if listed else default
    return values


def normal_form(value: Json, facts: TemplateFacts) -> Json:
    """The form that all equal values have.

    ``Fn::Sub`` and joins become one flat ``Fn::Join``, ``Fn::GetAtt`` a list, ``Fn::If`` of a constant condition, or
    with equal branches, its branch. ``Fn::Select``, ``Fn::Split``, ``Fn::FindInMap`` and pseudo parameters are replaced
    by their values where the template alone decides them; properties with ``AWS::NoValue`` are left out.
    """
    found = _formed(value, facts)
    return None if found is _NOTHING else found  # type: ignore[return-value]


def constant_conditions(template: Map, region: str = "") -> dict[str, bool]:
    """Conditions that the template and its region alone decide."""
    facts = TemplateFacts(mappings=mapping(template.get("Mappings")), region=region)
    conditions = mapping(normal_form(template.get("Conditions"), facts))
    decided: dict[str, bool | None] = {}
    for name in conditions:
        _evaluate_named(name, conditions, decided)
    return {name: value for name, value in decided.items() if value is not None}


def _evaluate_named(name: str, conditions: Map, decided: dict[str, bool | None]) -> bool | None:
    """A condition by its name, evaluated once; a condition that refers to itself is not decided."""
    if name not in decided:
        decided[name] = None
        decided[name] = _evaluate_condition(conditions.get(name), conditions, decided)
    return decided[name]


def scalar(value: Json) -> Json:
    """A number or a boolean as text, which CloudFormation treats alike; other values unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value) if isinstance(value, int) or value.is_integer() else value)
    return value


def _formed(value: Json, facts: TemplateFacts) -> object:
    if isinstance(value, list):
        return [formed for child in value if (formed := _formed(child, facts)) is not _NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, argument),) = value.items()
        if (found := _function(key, argument, facts)) is not None:
            return found
    return {
        key: _policy(formed) if key.endswith(_POLICIES) else formed
        for key, child in value.items()
        if (formed := _formed(child, facts)) is not _NOTHING
    }


def _policy(value: object) -> object:
    """A policy that is written as JSON in a text, parsed with its references."""
    parts = _join_parts(value)
    text = "".join(it if isinstance(it, str) else f"\ue000{number}\ue000" for number, it in enumerate(parts))
    if '"Statement"' not in text:
        return value
    try:
        return _fill_marks(orjson.loads(text), parts)
    except (ValueError, RecursionError):
        return value


def _fill_marks(value: Json, parts: list[object]) -> Json:
    if not isinstance(value, str) or not _MARK.search(value):
        return rebuilt(value, lambda part: _fill_marks(part, parts))
    pieces: list[object] = list(_MARK.split(value))
    pieces[1::2] = [parts[int(str(number))] for number in pieces[1::2]]
    return _evaluate_join(pieces, "")  # type: ignore[return-value] # texts and references


def _function(key: str, argument: Json, facts: TemplateFacts) -> object | None:
    if key == "Ref" and argument == "AWS::NoValue":
        return _NOTHING
    if key == "Fn::GetAtt" and isinstance(argument, str):
        owner, _, attribute = argument.partition(".")
        return {key: [owner, attribute]}
    if key == "Fn::Sub":
        return _substituted(argument, facts)
    if key == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and argument[1]:
        parts = _formed(argument[1], facts)
        joined = _evaluate_join(parts, argument[0]) if isinstance(parts, list) else None
        return {key: _existing_arguments(argument[0], parts)} if joined is None else joined
    if key == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
        return _evaluate_if(argument, facts)
    return _computed(key, argument, facts)


def _evaluate_if(argument: list[Json], known: TemplateFacts) -> object | None:
    if (name := str(argument[0])) in known.conditions:
        return _formed(argument[1] if known.conditions[name] else argument[2], known)
    one, other = (_formed(branch, known) for branch in argument[1:])
    # Normal forms are compared like JSON.
    return one if identical(one, other) else {"Fn::If": _existing_arguments(argument[0], one, other)}  # type: ignore[arg-type]


def _existing_arguments(*parts: object) -> list[object]:
    """Arguments that are normalized already: doing it again would double the time at each level of a value."""
    return [it for it in parts if it is not _NOTHING]


def _computed(key: str, argument: Json, facts: TemplateFacts) -> object | None:
    """The value of a function; None where the template alone does not decide it."""
    if key == "Ref":
        return facts.pseudo(argument) or facts.parameters.get(str(argument))
    if key not in _OF_PARTS or not isinstance(argument, list):
        return None
    parts = [_formed(it, facts) for it in argument]
    found = _evaluate_function(key, parts, facts)
    return {key: _existing_arguments(*parts)} if found is None else found


def _evaluate_function(key: str, parts: list[object], facts: TemplateFacts) -> object | None:
    if key == "Fn::Split" and len(parts) == 2 and all(isinstance(it, str) and it for it in parts):
        return str(parts[1]).split(str(parts[0]))
    if key == "Fn::Select" and len(parts) == 2 and isinstance(parts[1], list):
        return dict(zip(map(str, range(len(parts[1]))), parts[1], strict=True)).get(str(parts[0]))
    if key == "Fn::Cidr" and len(parts) in (2, 3):
        return _networks([str(it) for it in parts])
    if key == "Fn::FindInMap" and len(parts) == 3 and all(isinstance(it, str) for it in parts):
        return at(facts.mappings, *map(str, parts))
    return None


def _networks(parts: list[str]) -> object | None:
    """The first subnets of a size in a network; 8 host bits by default."""
    try:
        whole = ipaddress.ip_network(parts[0])
        size = whole.max_prefixlen - int(parts[2] if len(parts) > 2 else 8)
        return [str(it) for it in itertools.islice(whole.subnets(new_prefix=size), int(parts[1]))]
    except ValueError:
        return None


def _substituted(argument: Json, facts: TemplateFacts) -> object | None:
    parts = items(argument)
    if not parts or not isinstance(parts[0], str):
        return None
    variables = mapping(parts[1]) if len(parts) > 1 else {}
    forms = {name: _formed(it, facts) for name, it in variables.items()}
    pieces: list[object] = []
    last = 0
    for match in _PLACEHOLDER.finditer(parts[0]):
        pieces.append(parts[0][last : match.start()])
        pieces.append(forms[match[1]] if match[1] in variables else _formed(_reference(match[1].strip()), facts))
        last = match.end()
    pieces.append(parts[0][last:])
    if sum(len(it) if isinstance(it, str) else 1 for piece in pieces for it in _join_parts(piece)) > _LONGEST_TEXT:
        return {"Fn::Sub": [parts[0], {name: it for name, it in forms.items() if it is not _NOTHING}]}
    return _evaluate_join([it.replace("${!", "${") if isinstance(it, str) else it for it in pieces], "")


def _reference(name: str) -> Map:
    owner, dot, attribute = name.partition(".")
    return {"Fn::GetAtt": [owner, attribute]} if dot and not name.startswith("AWS::") else {"Ref": name}


def _join_parts(part: object) -> list[object]:
    """The pieces of a join without a delimiter; another value as a single piece."""
    inner = part.get("Fn::Join") if isinstance(part, dict) and len(part) == 1 else None
    if isinstance(inner, list) and len(inner) == 2 and inner[0] == "" and isinstance(inner[1], list):
        return inner[1]
    return [part]


def _evaluate_join(parts: list[object], delimiter: Json) -> object | None:
    """Pieces as one text, or as one flat join without empty texts."""
    if not isinstance(delimiter, str):
        return None
    pieces: list[object] = []
    for number, part in enumerate(parts):
        if number:
            pieces.append(delimiter)
        pieces += _join_parts(part)
    merged: list[object] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else {"Fn::Join": ["", merged]}


def _evaluate_condition(condition: Json, conditions: Map, decided: dict[str, bool | None]) -> bool | None:
    if not isinstance(condition, dict) or len(condition) != 1:
        return None
    ((key, argument),) = condition.items()
    if key == "Condition":
        return _evaluate_named(str(argument), conditions, decided)
    if key == "Fn::Equals":
        both = items(argument)
        if len(both) != 2 or not all(isinstance(it, str | int | bool) for it in both):
            return None
        return scalar(both[0]) == scalar(both[1])
    parts = [_evaluate_condition(it, conditions, decided) for it in items(argument)]
    if None in parts or not parts:
        return None
    return {"Fn::Not": not parts[0], "Fn::And": all(parts), "Fn::Or": any(parts)}.get(key)
