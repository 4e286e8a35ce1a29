"""Writes equal values of two templates alike: a name in place of its reference, a default in place of its parameter."""

from collections.abc import Iterator, Mapping

from ops.templates.deployed import masked
from ops.templates.normal_form import scalar
from ops.templates.resolver import Resolver
from ops.templates.values import Json, Map, canonical, identical, is_function, mapping, rebuilt


def aligned(stack: str, sides: tuple[Map, Map], values: tuple[Resolver, Resolver]) -> tuple[Map, Map]:
    """Two templates of a stack in which equal values of differing resources and outputs are written alike."""
    found: tuple[Map, Map] = (dict(sides[0]), dict(sides[1]))
    for section in ("Resources", "Outputs"):
        before, after = (dict(mapping(side.get(section))) for side in sides)
        for key in before.keys() & after.keys():
            if not identical(before[key], after[key]):
                before[key], after[key] = _align(stack, (before[key], after[key]), values)
        for side, content in zip(found, (before, after), strict=True):
            if content:
                side[section] = content
    return found


def _align(stack: str, pair: tuple[Json, Json], values: tuple[Resolver, Resolver]) -> tuple[Json, Json]:
    meant: dict[str, str] = {}  # the value of a function, by the function
    for is_second, (side, known) in enumerate(zip(pair, values, strict=True)):
        for function in filter(is_function, _leaf_values(side)):
            if (key := _id(bool(is_second), function)) not in meant:
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
    others: dict[str, Json] = {}
    for is_second, side in enumerate(pair):
        for part in _leaf_values(side):
            if is_function(part):
                others.setdefault(meant[_id(bool(is_second), part)], part)
            elif (text := canonical(scalar(part))) in computed:
                texts.setdefault(text, part)
    return others | texts


def _id(is_second: bool, function: Json) -> str:
    return f"{is_second:d}{canonical(function)}"


def _leaf_values(value: Json) -> Iterator[Json]:
    """The functions in a value, and the texts, numbers and booleans outside of functions."""
    if isinstance(value, list):
        for child in value:
            yield from _leaf_values(child)
    elif isinstance(value, dict) and not is_function(value):
        for child in value.values():
            yield from _leaf_values(child)
    elif value is not None:
        yield value


def _replace_functions(value: Json, is_second: bool, meant: Mapping[str, str], forms: Mapping[str, Json]) -> Json:
    if is_function(value):
        return forms[meant[_id(is_second, value)]]
    if isinstance(value, list | dict):
        return rebuilt(value, lambda part: _replace_functions(part, is_second, meant, forms))
    return forms.get(canonical(scalar(value)), value) if isinstance(value, str | int | float) else value
