"""One form for values that CloudFormation takes for the same: spellings of functions, numbers as text, absence."""

import re
from collections.abc import Mapping
from typing import Final

from ops.templates.values import Json, Map, items, mapping

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_NOTHING: Final = object()


def one_form(value: Json, truths: Mapping[str, bool]) -> Json:
    """A value in the form that equal values share.

    ``Fn::Sub`` and joins become one flat ``Fn::Join``, ``Fn::GetAtt`` a list, ``Fn::If`` of a constant condition
    what it gives; what refers to ``AWS::NoValue`` is left out.

    Args:
        value: any value of a template.
        truths: conditions of the template that are always the same, by name.
    """
    found = _formed(value, truths)
    return None if found is _NOTHING else found  # type: ignore[return-value]


def constant_conditions(template: Map) -> dict[str, bool]:
    """Conditions that are decided by the template alone."""
    conditions = mapping(template.get("Conditions"))
    decided: dict[str, bool | None] = {}
    for name in conditions:
        _named(name, conditions, decided)
    return {name: value for name, value in decided.items() if value is not None}


def _named(name: str, conditions: Map, decided: dict[str, bool | None]) -> bool | None:
    """A condition by its name, asked once each; one that asks itself is not decided."""
    if name not in decided:
        decided[name] = None
        decided[name] = _decided(conditions.get(name), conditions, decided)
    return decided[name]


def scalar(value: Json) -> Json:
    """A number or a truth as the text that CloudFormation takes for it as well; everything else as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if value != int(value) else str(int(value))
    return value


def _formed(value: Json, truths: Mapping[str, bool]) -> object:
    if isinstance(value, list):
        return [it for child in value if (it := _formed(child, truths)) is not _NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, argument),) = value.items()
        if (found := _function(key, argument, truths)) is not None:
            return found
    return {key: it for key, child in value.items() if (it := _formed(child, truths)) is not _NOTHING}


def _function(key: str, argument: Json, truths: Mapping[str, bool]) -> object | None:
    if key == "Ref" and argument == "AWS::NoValue":
        return _NOTHING
    if key == "Fn::GetAtt" and isinstance(argument, str):
        owner, _, attribute = argument.partition(".")
        return {key: [owner, attribute]}
    if key == "Fn::Sub":
        return _substituted(argument, truths)
    if key == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        return _joined([_formed(it, truths) for it in argument[1]], argument[0])
    if key == "Fn::If" and isinstance(argument, list) and len(argument) == 3 and argument[0] in truths:
        return _formed(argument[1] if truths[str(argument[0])] else argument[2], truths)
    return None


def _substituted(argument: Json, truths: Mapping[str, bool]) -> object | None:
    parts = items(argument)
    if not parts or not isinstance(parts[0], str):
        return None
    given = mapping(parts[1]) if len(parts) > 1 else {}
    pieces: list[object] = []
    last = 0
    for match in _PLACEHOLDER.finditer(parts[0]):
        pieces.append(parts[0][last : match.start()])
        pieces.append(_formed(given[match[1]], truths) if match[1] in given else _reference(match[1].strip()))
        last = match.end()
    pieces.append(parts[0][last:])
    return _joined([it.replace("${!", "${") if isinstance(it, str) else it for it in pieces], "")


def _reference(name: str) -> Map:
    owner, dot, attribute = name.partition(".")
    return {"Fn::GetAtt": [owner, attribute]} if dot and not name.startswith("AWS::") else {"Ref": name}


def _joined(parts: list[object], delimiter: Json) -> object | None:
    """Pieces as one text, or as one flat join without empty texts."""
    if not isinstance(delimiter, str):
        return None
    flat: list[object] = []
    for number, part in enumerate(parts):
        if number and delimiter:
            flat.append(delimiter)
        inner = part.get("Fn::Join") if isinstance(part, dict) and len(part) == 1 else None
        flat.extend(inner[1] if isinstance(inner, list) and inner[0] == "" else [part])
    merged: list[object] = []
    for part in flat:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else {"Fn::Join": ["", merged]}


def _decided(condition: Json, others: Map, decided: dict[str, bool | None]) -> bool | None:
    if not isinstance(condition, dict) or len(condition) != 1:
        return None
    ((key, argument),) = condition.items()
    if key == "Condition":
        return _named(str(argument), others, decided)
    if key == "Fn::Equals" and isinstance(argument, list) and all(isinstance(it, str | int | bool) for it in argument):
        return scalar(argument[0]) == scalar(argument[-1])
    parts = [_decided(it, others, decided) for it in items(argument)]
    if None in parts or not parts:
        return None
    return {"Fn::Not": not parts[0], "Fn::And": all(parts), "Fn::Or": any(parts)}.get(key)
