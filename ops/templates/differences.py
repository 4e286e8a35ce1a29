"""The leaves in which two values differ: the smallest differing parts, with the value before and after."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from ops.templates.normal_form import scalar
from ops.templates.values import Json, Map, canonical, identical, is_function, text_of

PropertyPath = tuple[str, ...]
# Keys that identify the elements of a list of objects; the first that all elements have is used.
_KEYS: Final = (
    "Key", "Id", "Name", "Sid", "PathPattern", "ContainerPath", "SourceVolume", "AlarmName", "PolicyName",
    "PrimaryIdentifier", "ContainerPort", "MetricName", "ErrorCode", "EventType", "rulePriority", "Header",
    "CapacityProvider",
)  # fmt: skip
# JSON that a service reads with its types: there `true` is not "true". In policies both mean the same to IAM, and
# custom resources get texts (cloudformation-coverage-roadmap #251, #1037).
_TYPED: Final = frozenset({"Body", "Content", "Definition", "EventPattern", "FilterPolicy", "Schema"})
_POLICY: Final = "Statement"
# In these lists nothing outside of the list refers to an element's name.
_LABELS: Final = frozenset({"Id", "rulePriority"})
# A change of these creates a new value, in whatever spelling.
_MADE_ANEW: Final = frozenset({"GenerateSecretString"})
# Lists whose order has a meaning.
_ORDERED: Final = frozenset(
    {
        "Actions", "Args", "CacheBehaviors", "Columns", "Command", "DefaultActions", "EntryPoint", "Fn::Join",
        "Fn::Select", "Fn::If", "Fn::Sub", "Fn::GetAtt", "Fn::Equals", "PartitionKeys", "Layers",
        "CapacityProviderStrategy", "FunctionAssociations", "Rules", "DnsServers", "DomainNameServers",
        "PlacementStrategies", "Processors", "Stages", "REQUESTS",
    }
)  # fmt: skip
# In these stand variables, of functions and of containers.
_VARIABLES: Final = frozenset({"Variables", "Value"})
# In a variable of a function here, a list in a text.
_LISTS: Final = frozenset({"REQUESTS"})
# Of these, one more at the end changes nothing of what those before it mean.
_GROWING: Final = _LISTS | {"Rules"}
# CloudFront uses the members of an origin group in their order: the second where the first fails.
_MEMBERS: Final = ("Members", "Items")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One place in which two values differ."""

    path: PropertyPath  # keys from the root; an element of a list is its number, or ``Key=value``
    old: Json  # the value before, None if there is none
    new: Json  # the value after, None if there is none

    @property
    def shown(self) -> str:
        """The path as one text, without the first key ``Properties``."""
        parts = self.path[1:] if self.path[:1] == ("Properties",) else self.path
        return ".".join(parts) or "Properties"


def leaves(old: Json, new: Json, path: PropertyPath = (), *, typed: bool = False) -> Iterator[Leaf]:
    """The leaves in which two values at a path differ, without values that are equal to CloudFormation.

    ``typed``: a text differs from the number or boolean that it spells.
    """
    typed = typed or (path != () and path[-1] in _TYPED)
    if equal(old, new, typed=typed):
        return
    if isinstance(old, dict) and isinstance(new, dict) and not (is_function(old) or is_function(new)):
        if _has_only_keys(old) and _has_only_keys(new) and old.keys() != new.keys():
            yield Leaf(path=path, old=old, new=new)
            return
        for key in dict.fromkeys([*old, *new]):
            yield from leaves(old.get(key), new.get(key), (*path, key), typed=typed)
    elif isinstance(old, list) and isinstance(new, list) and (new or any(map(_is_object, old))):
        yield from _list_leaves(old, new, path, typed)
    elif _MADE_ANEW.isdisjoint(path) and (texts := _as_json(old, new, path[-1:])) is not None:
        yield from leaves(*texts, path, typed=not any(isinstance(it, dict) and _POLICY in it for it in texts))
    else:
        yield Leaf(path=path, old=old, new=None if new == [] else new)  # an empty list is as none: the default applies


def _is_object(value: Json) -> bool:
    return isinstance(value, dict) and not is_function(value)


def equal(old: Json, new: Json, *, typed: bool = False) -> bool:
    """Whether two values are equal to CloudFormation: a number equals its text, an empty value an absent one."""
    if identical(old, new) or (_empty(old) and _empty(new)):
        return True
    if isinstance(old, dict | list) or isinstance(new, dict | list) or typed:
        return False
    return old is not None and new is not None and str(scalar(old)) == str(scalar(new))


def _has_only_keys(value: Map) -> bool:
    """Whether an object's keys alone have a meaning, such as ``Block: {}`` of a firewall's rule."""
    return bool(value) and all(it == {} for it in value.values())


def _list_leaves(old: list[Json], new: list[Json], path: PropertyPath, typed: bool) -> Iterator[Leaf]:
    # What an application reads out of its variables may depend on the order of each list.
    of_variable = "Environment" in path and bool(_VARIABLES & set(path[:-1]))
    ordered = bool(path) and (path[-1] in _ORDERED or path[-2:] == _MEMBERS or of_variable)
    if (key := _key(old, new)) is not None:
        yield from _keyed_leaves(old, new, path, key, ordered=ordered, typed=typed)
    elif ordered and len(old) != len(new):
        yield from _length_leaves(old, new, path)
    elif len(old) == len(new) and (ordered or any(isinstance(it, dict | list) for it in old)):
        if ordered or canonical(_without_order(old)) != canonical(_without_order(new)):
            for number, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from leaves(before, after, (*path, str(number)), typed=typed)
    else:
        yield from _set_leaves(old, new, path, typed)


def _length_leaves(old: list[Json], new: list[Json], path: PropertyPath) -> Iterator[Leaf]:
    """Lists of other lengths whose order means something: what one has at its end and the other lacks, or all of it."""
    common = min(len(old), len(new))
    if path[-1] not in _GROWING or not common or not identical(old[:common], new[:common]):
        yield Leaf(path=path, old=old, new=new)
        return
    for number, (before, after) in enumerate(zip_longest(old[common:], new[common:]), start=common):
        yield Leaf(path=(*path, str(number)), old=before, new=after)


def _without_order(value: Json, key: str = "") -> Json:
    """The value with its lists sorted, except where order has a meaning."""
    if isinstance(value, dict):
        return {name: _without_order(it, name) for name, it in value.items()}
    if not isinstance(value, list):
        return value
    parts = [_without_order(it) for it in value]
    return parts if key in {*_ORDERED, _MEMBERS[-1]} else sorted(parts, key=canonical)


def _keyed_leaves(
    old: list[Json], new: list[Json], path: PropertyPath, key: str, *, ordered: bool, typed: bool
) -> Iterator[Leaf]:
    """Differences of lists of objects that a key identifies."""
    before, after = ({f"{key}={_key_value(it, key)}": it for it in side} for side in (old, new))
    if path[-1:] == ("Columns",) and len(after) > len(before) and [*after][: len(before)] != [*before]:
        yield Leaf(path=path, old=old, new=new)  # where a format has no names, a column is found by its place
        return
    if key in _LABELS:
        yield from _renamed_key_leaves(before, after, path, key)
    for name in dict.fromkeys([*before, *after]):
        yield from leaves(before.get(name), after.get(name), (*path, name), typed=typed)
    common = before.keys() & after.keys()
    orders: list[list[Json]] = [[name for name in side if name in common] for side in (before, after)]
    if ordered and orders[0] != orders[1]:
        yield Leaf(path=(*path, "(order)"), old=orders[0], new=orders[1])


def _renamed_key_leaves(
    before: dict[str, Json], after: dict[str, Json], path: PropertyPath, key: str
) -> Iterator[Leaf]:
    """Differences of elements that differ only in the key that identifies them; they are removed from both sides."""
    same = {name for name, it in before.items() if canonical(it) == canonical(after.get(name))}
    rest = {canonical(_without_key(it, key)): name for name, it in before.items() if name not in same}
    for name in [name for name in after if name not in same]:
        former = rest.pop(canonical(_without_key(after[name], key)), None)
        if former is not None:
            old, new = before.pop(former), after.pop(name)
            yield Leaf(path=(*path, former, key), old=_key_value(old, key), new=_key_value(new, key))


def _without_key(value: Json, key: str) -> Json:
    return {name: it for name, it in value.items() if name != key} if isinstance(value, dict) else value


def _set_leaves(old: list[Json], new: list[Json], path: PropertyPath, typed: bool) -> Iterator[Leaf]:
    """Differences of lists whose order has no meaning."""
    if path[-1:] == ("Values",) and len(old) == len(new) == 1 and all(str(it).isdecimal() for it in (*old, *new)):
        yield Leaf(path=(*path, "0"), old=old[0], new=new[0])
        return
    were, are = ({canonical(it if typed else scalar(it)): it for it in side} for side in (old, new))
    for text in dict.fromkeys([*were, *are]):
        if text not in are or text not in were:
            yield Leaf(path=(*path, "-"), old=were.get(text), new=are.get(text))


def _key(old: list[Json], new: list[Json]) -> str | None:
    both = [*old, *new]
    if not both or not all(isinstance(it, dict) for it in both):
        return None
    for key in _KEYS:
        if all(isinstance(it, dict) and isinstance(it.get(key), str | int) for it in both) and all(
            len({_key_value(it, key) for it in side}) == len(side) for side in (old, new)
        ):
            return key
    return None


def _key_value(value: Json, key: str) -> str:
    return str(value.get(key)) if isinstance(value, dict) else ""


def _as_json(old: Json, new: Json, name: PropertyPath) -> tuple[Json, Json] | None:
    """Both texts parsed as JSON, with references as text; None if one is no object, nor a list that is known."""
    texts = (text_of(old), text_of(new))
    kinds = (dict, list) if name and _LISTS.issuperset(name) else (dict,)
    try:
        before, after = json.loads(texts[0]), json.loads(texts[1])
    except (ValueError, RecursionError):
        return None
    return (before, after) if isinstance(before, kinds) and type(before) is type(after) else None


def _empty(value: Json) -> bool:
    return value is None or value in ([], {})
