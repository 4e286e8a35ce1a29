"""New single values in a resource, each with its path; also in JSON and YAML inside of texts."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache, cached_property, lru_cache

import orjson
import yaml

from installation import yaml_text
from ops.review.changes import Change, Kind
from ops.templates.differences import PropertyPath
from ops.templates.normal_form import scalar
from ops.templates.values import Json, Map, is_function, mapping, written

# Names that need the name of the object around them to have a meaning.
_OF_ITS_OBJECT = ("Enabled", "Enable", "Status", "Type", "Mode")
# Properties with a name, and those with the value of that name.
NAMES = ("Name", "Key", "ParameterName", "ParameterKey", "OptionName", "HeaderName")
VALUES = ("Value", "ParameterValue", "OptionValue", "HeaderValue", "DefaultValue")
# The beginning of a YAML text. Texts with aliases are not read: aliases can multiply a value a million times.
_YAML = re.compile(r"([ \t]*(#[^\n]*|---[ \t]*)?\n)*[ \t]*(- |[\w./-]+:[ \n]|\"[^\"\n]+\":[ \n])")
# A line of settings, as in Java's properties files.
_SETTING = re.compile(r"\s*([\w.-]+)\s*=(.*)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_TEXTS = ("Fn::Join", "Fn::Sub")
_ALIAS = re.compile(r"(^|[\s:,\[{-])[&*]\w", re.MULTILINE)
_LONGEST = 50_000


@dataclass(frozen=True)
class NewValue:
    """A new value in a resource."""

    path: PropertyPath  # its path in the properties
    value: Json  # not a list; a mapping only as an intrinsic function
    container: Map = field(compare=False, default_factory=dict)  # the object that contains it
    place: PropertyPath = ()  # the property that a finding about it judges; empty in a new resource
    old: Json = field(compare=False, default=None)  # the former value in its place

    @property
    def shown(self) -> str:
        """The path as a report shows it."""
        return ".".join(self.path)

    @property
    def is_added(self) -> bool:
        """Whether it stands in an item that a list got in addition."""
        last = self.place[0].rpartition("/")[2] if self.place else ""
        return self.old is None and (last == "-" or "=" in last)

    @cached_property
    def text(self) -> str:
        """The value as a text."""
        return str(scalar(self.value))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its possible names: a more meaningful one, if any; its last name (no place in a list); and the whole path."""
        named = tuple(part for part in self.path if part != "-" and not part.isdigit())
        names = [named[-1] if named else "", ".".join(named)]
        if len(named) > 1 and named[-1] in _OF_ITS_OBJECT:
            names.insert(0, named[-2])
        if named and named[-1] in VALUES:
            own = [text for name in NAMES if isinstance(text := self.container.get(name), str)]
            keys = [it.partition("=")[2] for it in named[-2:-1] if "=" in it]  # of a changed value alone
            names[:0] = (own or keys)[:1]
        return tuple(names)


def new_values(change: Change) -> Iterator[NewValue]:
    """All values of a new resource, or the values that a changed resource did not have before."""
    if change.kind is Kind.ADDED:
        yield from single(change.new.get("Properties"), ())
        return
    for leaf in change.leaves:
        if leaf.path[0] == "Properties" and leaf.new is not None:
            before = {written(found.value) for found in single(leaf.old, ())}
            place = ("/".join(part.replace("/", "~1") for part in leaf.path[1:]),)
            for found in single(leaf.new, leaf.path[1:]):
                if written(found.value) not in before:
                    yield NewValue(found.path, found.value, found.container, place, leaf.old)


def single(value: Json, path: PropertyPath, container: Map | None = None) -> Iterator[NewValue]:
    """Every single value below a value. The name of an empty object, as in ``{"Count": {}}``, counts as a value."""
    value = _parse_content(value)
    if isinstance(value, list):
        for number, child in enumerate(value):
            yield from single(child, (*path, str(number)), container)
    elif isinstance(value, dict) and not is_function(value):
        if not value and len(path) > 1:
            yield NewValue(path[:-1], path[-1], container or {})
        for key, child in value.items():
            yield from single(child, (*path, key), value)
    elif value is not None:
        yield NewValue(path, value, container or {})


def objects(value: Json, path: PropertyPath = ()) -> Iterator[tuple[PropertyPath, Map]]:
    """Every object below a value, with its path; also in JSON inside of a text."""
    value = _parse_content(value)
    if isinstance(value, list):
        for child in value:
            yield from objects(child, path)
    elif isinstance(value, dict):
        yield path, value
        for key, child in value.items():
            yield from objects(child, (*path, key))


@lru_cache(maxsize=50_000)  # many resources have the same values; a long text takes a quarter of a millisecond
def fits(text: str, patterns: tuple[str, ...]) -> bool:
    """Whether a text matches one of some patterns with ``*``; case is ignored."""
    return bool(patterns) and _expression(patterns).match(text.lower()) is not None


def has_field_value(container: Map, unless: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether one of an object's fields has one of the values given for it."""
    return any(name in container and _any(container[name], patterns) for name, patterns in unless.items())


def _any(value: Json, patterns: tuple[str, ...]) -> bool:
    if isinstance(value, list) and value:
        return any(_any(it, patterns) for it in value)
    return fits(str(scalar(value)) if not isinstance(value, dict | list) else "*", patterns)


@cache
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(it.lower()) for it in patterns))


def _parse_content(value: Json) -> Json:
    """The content of a text that is JSON, such as a policy or a list of rules, YAML, or either of them in base64."""
    if isinstance(value, dict) and len(value) == 1 and "Fn::Base64" in value:
        value = value["Fn::Base64"]
    is_text = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TEXTS
    text = written(value) if is_text else value
    if not isinstance(text, str):
        return value
    try:
        plain = b64decode(text, validate=True).decode() if _BASE64.fullmatch(text) else ""
        if plain and plain.replace("\n", "").isprintable():
            value = text = plain
        content: Json = value
        if text.startswith(("{", "[")) and not text.startswith("{{"):
            content = orjson.loads(text)
        elif "=" in text and len(text) <= _LONGEST and (settings := _settings(text)):
            content = settings
        elif "\n" in text and len(text) <= _LONGEST and _YAML.match(text) and not _ALIAS.search(text):
            content = orjson.loads(orjson.dumps(yaml_text.parsed(text), option=orjson.OPT_NON_STR_KEYS))
    except (ValueError, TypeError, RecursionError, yaml.YAMLError):
        return value
    return content if mapping(content) or isinstance(content, list) else value


def _settings(text: str) -> dict[str, Json]:
    """The settings in a text that has a name and a value on each line, and a full stop in at least one name."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_SETTING.fullmatch(line) for line in lines]
    settings: dict[str, Json] = {it[1]: it[2].strip() for it in found if it}
    return settings if all(found) and any("." in name for name in settings) else {}
