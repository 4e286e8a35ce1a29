"""Compares answers with the shapes of botocore's models: members, types, enumerations, required members."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from xml.etree.ElementTree import Element

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "blob": (str,),
}
_INTEGER: Final = re.compile(r"-?\d+")
_ELSEWHERE: Final = ("header", "headers", "statusCode")

Path = tuple[str, ...]


def check_json(shape: Shape, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the errors in a value of a JSON document, each with its path."""
    if isinstance(shape, StructureShape):
        yield from _json_structure(shape, value, path)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield path, f"is no list but a {type(value).__name__}"
            return
        for item in value:
            yield from check_json(shape.member, item, (*path, "[]"))
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield path, f"is no map but a {type(value).__name__}"
            return
        for key, item in value.items():
            yield from _scalar_text(shape.key, key, (*path, "{key}"))
            yield from check_json(shape.value, item, (*path, "{}"))
    else:
        yield from _json_scalar(shape, value, path)


def _json_structure(shape: StructureShape, value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if shape.is_document_type:
        return
    if not isinstance(value, dict):
        yield path, f"is no structure but a {type(value).__name__}"
        return
    names = {_name(member, name): member for name, member in shape.members.items() if not _is_elsewhere(member)}
    required = {_name(shape.members[name], name) for name in shape.required_members}
    yield from _members({name for name in value if value[name] is not None}, names, required, path)
    for name, item in value.items():
        if name in names and item is not None:
            yield from check_json(names[name], item, (*path, name))


def _members(found: set[str], known: Mapping[str, Shape], required: set[str], path: Path) -> Iterator[tuple[Path, str]]:
    for name in sorted(required & known.keys() - found):
        yield (*path, name), "is missing"
    for name in sorted(found - known.keys()):
        yield (*path, name), "is not in the model"


def _json_scalar(shape: Shape, value: object, path: Path) -> Iterator[tuple[Path, str]]:
    types = _JSON_TYPES.get(shape.type_name)
    if shape.type_name == "timestamp" and shape.serialization.get("timestampFormat") in ("iso8601", "rfc822"):
        types = (str,)
    if types is None or not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield path, f"is no {shape.type_name} but a {type(value).__name__}"
    elif isinstance(value, str):
        yield from _scalar_text(shape, value, path)


def check_xml(shape: Shape, element: Element, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the errors in an XML element, each with its path."""
    if isinstance(shape, StructureShape):
        yield from _xml_structure(shape, element, path)
    elif isinstance(shape, ListShape):
        yield from _xml_list(shape, list(element), path)
    elif isinstance(shape, MapShape):
        yield from _xml_map(shape, list(element), path)
    else:
        yield from _scalar_text(shape, element.text or "", path)


def _xml_structure(shape: StructureShape, element: Element, path: Path) -> Iterator[tuple[Path, str]]:
    shown = {name: member for name, member in shape.members.items() if not _is_elsewhere(member)}
    shown = {name: member for name, member in shown.items() if not member.serialization.get("xmlAttribute")}
    names = {_xml_name(member, name): member for name, member in shown.items()}
    required = {_xml_name(shown[name], name) for name in shape.required_members if name in shown}
    children: dict[str, list[Element]] = {}
    for child in element:
        children.setdefault(_tag(child), []).append(child)
    yield from _members(set(children), names, required, path)
    for name, found in children.items():
        member = names.get(name)
        if member is None:
            continue
        if member.serialization.get("flattened"):
            yield from _flattened(member, found, (*path, name))
        elif len(found) > 1:
            yield (*path, name), "is there more than once"
        else:
            yield from check_xml(member, found[0], (*path, name))


def _flattened(shape: Shape, elements: Sequence[Element], path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(shape, ListShape):
        for element in elements:
            yield from check_xml(shape.member, element, (*path, "[]"))
    elif isinstance(shape, MapShape):
        yield from _xml_map(shape, elements, path)


def _xml_list(shape: ListShape, elements: Sequence[Element], path: Path) -> Iterator[tuple[Path, str]]:
    name = shape.member.serialization.get("name", "member")
    for element in elements:
        if _tag(element) != name:
            yield (*path, _tag(element)), f"is no {name} of the list"
        else:
            yield from check_xml(shape.member, element, (*path, "[]"))


def _xml_map(shape: MapShape, entries: Sequence[Element], path: Path) -> Iterator[tuple[Path, str]]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    for entry in entries:
        parts = {_tag(part): part for part in entry}
        if set(parts) != {key_name, value_name}:
            yield path, f"has an entry of {sorted(parts)}"
            continue
        yield from check_xml(shape.key, parts[key_name], (*path, "{key}"))
        yield from check_xml(shape.value, parts[value_name], (*path, "{}"))


def _scalar_text(shape: Shape, text: str, path: Path) -> Iterator[tuple[Path, str]]:
    """Check a value in text form: in XML, in a header, or as a JSON string."""
    kind = shape.type_name
    if isinstance(shape, StringShape):
        if shape.enum and text not in shape.enum:
            yield path, f"is {text!r}, which is none of the model's values"
        return
    try:
        _parse(kind, text)
    except (ValueError, binascii.Error):
        yield path, f"is no {kind} but {text!r}"


def _parse(kind: str, text: str) -> None:
    """Raise ValueError if the text is not of the type."""
    if kind in ("integer", "long") and not _INTEGER.fullmatch(text):
        raise ValueError(text)
    if kind in ("float", "double"):
        float(text)
    if kind == "boolean" and text not in ("true", "false"):
        raise ValueError(text)
    if kind == "blob":
        base64.b64decode(text, validate=True)
    if kind == "timestamp":
        _parse_time(text)


def _parse_time(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        parsedate_to_datetime(text)


def check_headers(shape: StructureShape, headers: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield the errors in the members that are sent as headers."""
    for name, member in shape.members.items():
        if member.serialization.get("location") != "header":
            continue
        header = member.serialization.get("name", name).lower()
        if header in headers:
            yield from _scalar_text(member, headers[header], (f"header {header}",))
        elif name in shape.required_members:
            yield (f"header {header}",), "is missing"


def _is_elsewhere(shape: Shape) -> bool:
    return shape.serialization.get("location") in _ELSEWHERE


def _name(shape: Shape, name: str) -> str:
    found: Any = shape.serialization.get("name", name)
    return str(found)


def _xml_name(shape: Shape, name: str) -> str:
    if isinstance(shape, ListShape) and shape.serialization.get("flattened"):
        inner = shape.member.serialization.get("name")
        if inner is not None:
            return str(inner)
    return _name(shape, name)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
