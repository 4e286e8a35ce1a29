"""Writes equal values of two templates alike: a name in place of its reference, a default in place of its parameter."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ops.templates.assembly import Assembly, Stack
from ops.templates.deployed import masked
from ops.templates.normal_form import scalar
from ops.templates.resolver import Resolver
from ops.templates.values import Json, Map, canonical, identical, is_function, items, leaf_values, mapping, rebuilt

_ACCOUNT: Final = "AWS::AccountId"
_PLACEHOLDER: Final = f"${{{_ACCOUNT}}}"
_ACCOUNT_NUMBER: Final = re.compile(r"\d{12}")
# Sections in which CloudFormation accepts a reference.
_SECTIONS: Final = ("Conditions", "Outputs", "Resources")


def without_own_account(side: Assembly) -> Assembly:
    """The application with a reference in place of each stack's account number.

    Synthesis writes the number where the settings name the account, and a reference where they do not. The
    deployment is the same.
    """
    stacks = {name: _referring(stack) for name, stack in side.stacks.items()}
    # The same object where nothing changes, so that what is known of its values serves several comparisons.
    return side if all(stacks[name] is stack for name, stack in side.stacks.items()) else replace(side, stacks=stacks)


def _referring(stack: Stack) -> Stack:
    if not _ACCOUNT_NUMBER.fullmatch(stack.account):
        return stack
    number = re.compile(rf"(?<!\d){stack.account}(?!\d)")
    sections = {key: _value(it, number) if key in _SECTIONS else it for key, it in stack.template.items()}
    roles, given = (
        {key: number.sub(_PLACEHOLDER, text) for key, text in it.items()} for it in (stack.roles, stack.given)
    )
    return replace(stack, template=sections, roles=roles, given=given)


def _value(value: Json, number: re.Pattern[str]) -> Json:
    if isinstance(value, str):
        return _text(value, number)
    if isinstance(value, dict) and value.keys() == {"Fn::Sub"}:
        pattern, *given = items(value["Fn::Sub"])
        written: Json = number.sub(_PLACEHOLDER, pattern) if isinstance(pattern, str) else pattern
        return {"Fn::Sub": [written, *(_value(it, number) for it in given)] if given else written}
    if isinstance(value, dict) and "Fn::FindInMap" in value:
        return value  # keys are texts
    return rebuilt(value, lambda part: _value(part, number))


def _text(text: str, number: re.Pattern[str]) -> Json:
    first, *others = number.split(text)
    if not others:
        return text
    parts: list[Json] = [first]
    for other in others:
        parts += [mapping({"Ref": _ACCOUNT}), other]
    return {"Fn::Join": ["", [it for it in parts if it != ""]]}


def aligned(stack: str, sides: tuple[Map, Map], values: tuple[Resolver, Resolver]) -> tuple[Map, Map]:
    """Two templates of a stack in which equal values of differing resources and outputs are written alike."""
    results: tuple[Map, Map] = (dict(sides[0]), dict(sides[1]))
    for section in ("Resources", "Outputs"):
        before, after = (dict(mapping(side.get(section))) for side in sides)
        for key in before.keys() & after.keys():
            if not identical(before[key], after[key]):
                before[key], after[key] = _align(stack, (before[key], after[key]), values)
        for side, content in zip(results, (before, after), strict=True):
            if content:
                side[section] = content
    return results


def _align(stack: str, pair: tuple[Json, Json], values: tuple[Resolver, Resolver]) -> tuple[Json, Json]:
    meant: dict[str, str] = {}  # the value of a function, by the function
    for is_second, (side, known) in enumerate(zip(pair, values, strict=True)):
        for _, function in leaf_values(side):
            if is_function(function) and (key := _id(bool(is_second), function)) not in meant:
                meant[key] = canonical(scalar(masked(known.value(stack, function))))
    if not meant:
        return pair
    forms = _common_forms(pair, meant)
    first, second = (_replace_functions(side, bool(is_second), meant, forms) for is_second, side in enumerate(pair))
    return first, second


def _common_forms(pair: tuple[Json, Json], meant: Mapping[str, str]) -> Mapping[str, Json]:
    """One spelling for equal values of functions: the name if a side has it, otherwise the first function."""
    computed = set(meant.values())
    texts: dict[str, Json] = {}
    other_forms: dict[str, Json] = {}
    for is_second, side in enumerate(pair):
        for _, part in leaf_values(side):
            if is_function(part):
                other_forms.setdefault(meant[_id(bool(is_second), part)], part)
            elif (text := canonical(scalar(part))) in computed:
                texts.setdefault(text, part)
    return other_forms | texts


def _id(is_second: bool, function: Json) -> str:
    return f"{is_second:d}{canonical(function)}"


def _replace_functions(value: Json, is_second: bool, meant: Mapping[str, str], forms: Mapping[str, Json]) -> Json:
    if is_function(value):
        return forms[meant[_id(is_second, value)]]
    if isinstance(value, list | dict):
        return rebuilt(value, lambda part: _replace_functions(part, is_second, meant, forms))
    return forms.get(canonical(scalar(value)), value) if isinstance(value, str | int | float) else value
