"""What services refuse of a request or of a template's properties by themselves, whatever else there is: rules as data.

`property_rules.yaml` has them by resource type, with those that operations share, `operation_rules.yaml` by operation;
each is a JSON schema and the service's sentence. A type's ``operation`` is the one of botocore's model that makes it,
whose sizes, patterns and enumerations hold too.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from embedded_aws.cloudformation.requests import request_of
from embedded_aws.core.constraints import broken_constraints
from embedded_aws.core.json_schema import Schema, fits
from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from installation import yaml_text
from ops.templates.schemas import schema_folder

Known = Mapping[str, Callable[[Any], bool]]  # whether what a name of a kind means is there
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Rule(yaml_text.Data):
    """One thing that is refused."""

    code: str = ""  # the subject's without one
    says: str  # with {value}, or the name of a member of it, where the service repeats that
    # Paths of what is looked at, where a star is each item; the whole without one. A text is read as JSON, at the end
    # of a path where that ends with a slash.
    at: yaml_text.Texts = ("",)
    # A schema that it has to fit, or must not; a text names a file of cfn-lint's extensions.
    must: dict[str, Any] | str | bool = True
    known: str = ""  # what the value names has to be there, by `known.KNOWN`
    taken: str = ""  # it must not
    never: dict[str, Any] | bool = False


class Subject(yaml_text.Data):
    """What makes and refuses a resource type, or what refuses an operation."""

    service: str  # as its SDK names it
    operation: str = ""  # of botocore's model, such as acm:RequestCertificate
    code: str = "ValidationException"  # for a broken model, and for rules without one
    rules: tuple[Rule, ...] = ()


@cache
def subjects() -> dict[str, Subject]:
    """Each type and operation that has rules."""
    found: dict[str, Subject] = {}
    for file in ("property_rules.yaml", "operation_rules.yaml"):
        for name, subject in yaml_text.read(Path(__file__).with_name(file), dict[str, Subject]).items():
            first = found.get(name)
            found[name] = first.model_copy(update={"rules": (*first.rules, *subject.rules)}) if first else subject
    return found


def check(name: str, given: Mapping[str, Any], known: Known = MappingProxyType({})) -> None:
    """Refuse a resource type's properties, an operation's request or a part of one; ``known`` is as `known.KNOWN`.

    Raises:
        Refusal: for the first rule that it breaks.
    """
    subject = subjects().get(name)
    if subject is None:
        return
    service, _, operation = subject.operation.partition(":")
    if service and (said := broken_constraints(service, operation, request_of(service, operation, dict(given)))):
        raise Refusal(subject.service, subject.code, said)
    for rule in subject.rules:
        for value in (value for path in rule.at for value in _found(given, path.split("/") if path else [])):
            there = not rule.known or _is(known, rule.known, value)
            taken = rule.taken and _is(known, rule.taken, value)
            if not there or taken or not fits(_schema(rule.must), value) or fits(rule.never, value):
                raise Refusal(subject.service, rule.code or subject.code, _said(rule.says, value))


def _is(known: Known, kind: str, value: Any) -> bool:
    return known[kind](value if isinstance(value, dict) else str(value))


def _found(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    name, *rest = path
    if not name:
        yield json_object(value)
        return
    if name == "*" and isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _found(item, rest)
        return
    inside = json_object(value) or {}
    if name in inside:
        yield from _found(inside[name], rest)


def _said(sentence: str, value: Any) -> str:
    members = {"value": value} | (value if isinstance(value, dict) else {})
    return _PLACE.sub(lambda place: str(members.get(place[1])), sentence)


def _schema(given: dict[str, Any] | str | bool) -> Schema:
    return _extension(given) if isinstance(given, str) else given


@cache
def _extension(name: str) -> Schema:
    content: Schema = json.loads((schema_folder() / "extensions" / name).read_bytes())
    return content
