"""Services' refusals that depend only on a request or a template's properties, as data.

`property_rules.yaml` contains the rules by resource type, and those that operations share; `operation_rules.yaml` those
by operation. Each is a JSON schema and the service's message. A type's ``operation`` is the one of botocore's model
that creates it, whose sizes, patterns and enumerations apply too.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.core.constraints import broken_constraints
from embedded_aws.core.json_schema import Schema, fits
from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from installation import yaml_text
from ops.templates.schemas import schema_folder

Known = Mapping[str, Callable[[Any], bool]]  # whether a name of some kind refers to something that exists
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Rule(yaml_text.Data):
    """One rule."""

    code: str = ""  # empty: the subject's code
    says: str  # the message; {value}, or the name of a member of the value, is filled in
    # Paths to the checked values; a star is each item, an empty path the whole. A text is parsed as JSON, at the end of
    # a path only if the path ends with a slash.
    at: yaml_text.Texts = ("",)
    # A schema that the value must match, or must not; a text names a file of cfn-lint's extensions.
    must: dict[str, Any] | str | bool = True
    known: str = ""  # the kind in `known.KNOWN` of something that must exist under the value
    taken: str = ""  # the same for something that must not exist
    never: dict[str, Any] | bool = False
    unique: str = ""  # a member that no two of the values may share; the message is about the later one


class Subject(yaml_text.Data):
    """A resource type or an operation, with its service and its rules."""

    service: str  # the service's name in its SDK
    operation: str = ""  # operation of botocore's model, such as acm:RequestCertificate
    code: str = "ValidationException"  # for a violated model, and for rules without a code
    rules: tuple[Rule, ...] = ()


@cache
def subjects() -> dict[str, Subject]:
    """The rules of each type and operation."""
    found: dict[str, Subject] = {}
    for file in ("property_rules.yaml", "operation_rules.yaml"):
        for name, subject in yaml_text.read(Path(__file__).with_name(file), dict[str, Subject]).items():
            first = found.get(name)
            found[name] = first.model_copy(update={"rules": (*first.rules, *subject.rules)}) if first else subject
    return found


def check(name: str, request: Mapping[str, Any], known: Known = MappingProxyType({})) -> None:
    """Refuse a resource type's properties, an operation's request or a part of one; ``known`` is as `known.KNOWN`.

    Raises:
        Refusal: for the first violated rule.
    """
    subject = subjects().get(name)
    if subject is None:
        return
    service, _, operation = subject.operation.partition(":")
    if service and (said := broken_constraints(service, operation, request_of(service, operation, dict(request)))):
        raise Refusal(subject.service, subject.code, said)
    for rule in subject.rules:
        values = [value for path in rule.at for value in _find_values(request, path.split("/") if path else [])]
        for value in _repeated(values, rule.unique) if rule.unique else values:
            if rule.unique or _is_wrong(rule, value, known):
                raise Refusal(subject.service, rule.code or subject.code, _fill_message(rule.says, value))


def _repeated(values: list[Any], name: str) -> Iterator[Any]:
    """The values whose member of this name an earlier one has too."""
    members = [it.get(name) if isinstance(it, dict) else None for it in values]
    return (it for place, it in enumerate(values) if members[place] and members[place] in members[:place])


def _is_wrong(rule: Rule, value: Any, known: Known) -> bool:
    exists = not rule.known or _is_known(known, rule.known, value)
    taken = bool(rule.taken) and _is_known(known, rule.taken, value)
    must = _extension(rule.must) if isinstance(rule.must, str) else rule.must
    return not exists or taken or not fits(must, value) or fits(rule.never, value)


def _is_known(known: Known, kind: str, value: Any) -> bool:
    return known[kind](value if isinstance(value, dict) else str(value))


def _find_values(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    name, *rest = path
    if not name:
        yield json_object(value)
        return
    if name == "*" and isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _find_values(item, rest)
        return
    inside = json_object(value) or {}
    if name in inside:
        yield from _find_values(inside[name], rest)


def _fill_message(sentence: str, value: Any) -> str:
    members = {"value": value} | (value if isinstance(value, dict) else {})
    return _PLACE.sub(lambda place: str(members.get(place[1])), sentence)


@cache
def _extension(name: str) -> Schema:
    content: Schema = json.loads((schema_folder() / "extensions" / name).read_bytes())
    return content
