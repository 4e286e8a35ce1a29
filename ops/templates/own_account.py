"""Replaces the account number in templates by a reference."""

import re
from dataclasses import replace
from typing import Final

from ops.templates.assembly import Assembly, Stack
from ops.templates.values import Json, items, mapping, rebuilt

_REFERENCE: Final = "AWS::AccountId"
_PLACEHOLDER: Final = f"${{{_REFERENCE}}}"
_NUMBER: Final = re.compile(r"\d{12}")
# Sections in which CloudFormation accepts a reference.
_SECTIONS: Final = ("Conditions", "Outputs", "Resources")


def without_own_account(side: Assembly) -> Assembly:
    """The application with a reference in place of each stack's account number.

    Synthesis writes the number where the settings name the account, and a reference where they do not. The
    deployment is the same.
    """
    return replace(side, stacks={name: _referring(stack) for name, stack in side.stacks.items()})


def _referring(stack: Stack) -> Stack:
    if not _NUMBER.fullmatch(stack.account):
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
        parts += [mapping({"Ref": _REFERENCE}), other]
    return {"Fn::Join": ["", [it for it in parts if it != ""]]}
