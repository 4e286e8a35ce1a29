"""Reads values of a template of any shape, and writes them for people."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias

import orjson

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Map: TypeAlias = dict[str, Json]
_WORD = re.compile(r"[^A-Za-z0-9]+")
_QUANTITY: Final = re.compile(r"(\d*\.?\d+)\s*([a-z]*)")
# ECS developer guide, "Task size": 1024 CPU units, mebibytes. Docker, "Logging drivers": bytes in k, m, g.
_UNITS: Final = {
    "": 1.0, "vcpu": 1024.0, "gb": 1024.0, "mb": 1.0, "b": 1.0, "k": 1024.0, "m": 1024.0**2, "g": 1024.0**3,
}  # fmt: skip


def mapping(value: Json) -> Map:
    """The value if it is a mapping, otherwise an empty one: a template may have an intrinsic function anywhere."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """The value as a list: policies have a single value or a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_function(value: Json) -> bool:
    """Whether a value is an intrinsic function."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return name == "Ref" or name.startswith("Fn::")


def at(value: Json, *path: str) -> Json:
    """The value at a path of keys; None if there is none."""
    for key in path:
        value = mapping(value).get(key)
    return value


def number(value: Json) -> float | None:
    """The value as a number if it is a number or its text: the CDK writes both."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):  # a text, or a whole number beyond 1.8e308
        return None


def quantity(text: str) -> float | None:
    """A quantity, such as ``.25 vCPU`` or ``4m``, in the smallest unit of its kind; None for another text."""
    found = _QUANTITY.fullmatch(text.strip().lower())
    unit = _UNITS.get(found[2]) if found else None
    return float(found[1]) * unit if found and unit is not None else None


def network(value: Json) -> IPv4Network | IPv6Network | None:
    """The network of an address or a CIDR range, without host bits; None for another value."""
    try:
        return ip_network(str(value), strict=False)
    except ValueError:
        return None


def walk(value: Json) -> Iterator[Map]:
    """Every mapping in the value, the value itself first."""
    waiting = [value]
    while waiting:  # most values are texts, which the first question leaves out faster
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += [it for it in reversed(part.values()) if type(it) is not str and isinstance(it, (dict, list))]
        elif isinstance(part, list):
            waiting += [it for it in reversed(part) if type(it) is not str and isinstance(it, (dict, list))]


def leaf_values(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The functions in a value, and the texts, numbers and booleans outside of functions, each with the keys to it."""
    if isinstance(value, list):
        for child in value:
            yield from leaf_values(child, path)
    elif isinstance(value, dict) and not is_function(value):
        for key, child in value.items():
            yield from leaf_values(child, (*path, key))
    elif value is not None:
        yield path, value


def rebuilt(value: Json, part: Callable[[Json], Json]) -> Json:
    """The value with each part of a list or mapping replaced; a single value unchanged."""
    if isinstance(value, list):
        return [part(child) for child in value]
    return {key: part(child) for key, child in value.items()} if isinstance(value, dict) else value


def identical(value: Json, other: Json) -> bool:
    """Whether two values are equal except for the order of keys: to Python 1, 1.0 and True are equal."""
    if value is other or value != other:
        return value is other
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a lone surrogate, or a number of more than 64 bits
        return canonical(value) == canonical(other)


def may_mention(value: Json, word: bytes) -> bool:
    """Whether a word of ASCII letters may be in a value, as a key or in a text; much faster than a walk."""
    try:
        return word in orjson.dumps(value)
    except orjson.JSONEncodeError:  # as above: then only a walk can tell
        return True


def canonical(value: Json) -> str:
    """A text that is the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def text_of(value: Json) -> str:
    """A text or number, or a join with one word per reference; empty for other values."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value) if isinstance(value, int) or value.is_integer() else value)
    joined = value.get("Fn::Join") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(joined, list) or len(joined) != 2 or joined[0] != "" or not isinstance(joined[1], list):
        return ""
    return "".join(it if isinstance(it, str) else _WORD.sub("_", canonical(it)) for it in joined[1]).strip()


def stack_outputs(value: Json) -> Iterator[tuple[str, str]]:
    """The outputs of other stacks that a value reads: stack and output."""
    for part in walk(value) if may_mention(value, b"Fn::GetStackOutput") else ():
        target = mapping(part.get("Fn::GetStackOutput"))
        stack, output = target.get("StackName"), target.get("OutputName")
        if isinstance(stack, str) and isinstance(output, str):
            yield stack, output


def imports(value: Json) -> Iterator[str]:
    """The exports that a value imports by a literal name."""
    for part in walk(value):
        name = part.get("Fn::ImportValue")
        if isinstance(name, str):
            yield name


def references(value: Json) -> Iterator[str]:
    """Logical ids that a value refers to in its own template."""
    for part in walk(value):
        if isinstance(target := part.get("Ref"), str):
            yield target
        attribute = part.get("Fn::GetAtt")
        if isinstance(attribute, list) and attribute and isinstance(attribute[0], str):
            yield attribute[0]
        elif isinstance(attribute, str):
            yield attribute.partition(".")[0]
        if "Fn::Sub" in part:
            for pattern in items(part["Fn::Sub"])[:1]:
                for name in _placeholders(pattern if isinstance(pattern, str) else ""):
                    yield name.partition(".")[0]


def needed_by(resource: Json) -> Iterator[str]:
    """Logical ids that a resource refers to or depends on."""
    yield from references(resource)
    yield from map(str, items(at(resource, "DependsOn")))


def waited_for(logical_id: str, resources: Mapping[str, Json]) -> set[str]:
    """Logical ids that CloudFormation creates before a resource: its references and dependencies, and theirs."""
    targets: set[str] = set()
    waiting = [logical_id]
    while waiting:
        for target in set(needed_by(resources.get(waiting.pop()))):
            if target in resources and target not in targets:
                targets.add(target)
                waiting.append(target)
    return targets - {logical_id}


def written(value: Json, names: Mapping[str, str] | None = None) -> str:
    """A value for people: references by construct path, joins as one text, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((key, argument),) = value.items()
        if (text := _intrinsic(key, argument, names or {})) is not None:
            return text
    if isinstance(value, list):
        return f"[{', '.join(written(child, names) for child in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(child, names)}' for key, child in value.items())}}}"
    return json.dumps(value)


def _intrinsic(key: str, argument: Json, names: Mapping[str, str]) -> str | None:
    if key == "Ref" and isinstance(argument, str):
        return f"${{{names.get(argument, argument)}}}"
    if key == "Fn::GetAtt" and isinstance(argument, list) and len(argument) == 2:
        owner, attribute = str(argument[0]), written(argument[1], names)
        return f"${{{names.get(owner, owner)}.{attribute}}}"
    if key == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        return written(argument[0]).join(written(part, names) for part in items(argument[1]))
    if key == "Fn::GetStackOutput":
        return f"${{{written(at(argument, 'StackName'))}.{written(at(argument, 'OutputName'))}}}"
    if key == "Fn::Sub" and isinstance(argument, str):
        return argument
    return None


def _placeholders(pattern: str) -> Iterator[str]:
    """The names in a text for `Fn::Sub` that are neither escaped nor pseudo parameters."""
    for part in pattern.split("${")[1:]:
        name = part.partition("}")[0]
        if not name.startswith(("!", "AWS::")):
            yield name
