"""The resources of a recorded call.

CloudTrail has them for some events as ARNs (``resources``), for others as parameters of the request. Other resources
are not known and not guessed: then everything that a policy allows stays allowed.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from installation import yaml_text
from ops.iam import reference
from ops.iam.review import events

_PARAMETER = re.compile(r"\{(\w+)\}")
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_PASSED = "iam:PassRole"
# An account before a name, which Lambda accepts, and characters with a meaning in policies.
_NO_NAME = re.compile(r"\d{12}:|.*[*?\s$]")
# AWS's public parameters belong to no account (Systems Manager user guide, "Working with public parameters").
_OF_AWS, _ACCOUNT = "/aws/service/", re.compile(r":\d{12}:")
# A whole ARN has six parts; the last may have colons of its own.
_ARN_PARTS = 5

# The possible ARNs of one resource, the likeliest first.
Spellings = tuple[str, ...]


class GeneralForm(yaml_text.Data):
    """The general form of an ARN that differs with each call."""

    arn: str  # regular expression for the whole ARN
    kept: str  # its replacement


class Rules(yaml_text.Data):
    """Content of ``resources.yaml``, which explains each part."""

    named: Mapping[str, tuple[str, ...]]
    either: tuple[tuple[str, ...], ...]
    whole: tuple[str, ...]
    account: Mapping[str, str]
    general: tuple[GeneralForm, ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The resources of an event, as recorded."""

    event: str  # prefix and name, such as ``ecs:RunTask``
    arns: tuple[str, ...]  # the ARNs that CloudTrail adds
    named: tuple[tuple[str, tuple[str, ...]], ...]  # parameters of the request that name a resource, with their values
    region: str  # region of the event
    role: str  # ARN of the calling role, for account and partition

    def values(self, parameter: str) -> tuple[str, ...]:
        """The values of a parameter; empty where the request does not have it."""
        return dict(self.named).get(parameter, ())


rules = yaml_text.cached_reader(Path(__file__).parent / "data" / "resources.yaml", Rules)


@cache
def parameters() -> Mapping[str, tuple[str, ...]]:
    """The parameters that name a resource, by event source, for the query."""
    names_by_source: dict[str, set[str]] = defaultdict(set)
    for kind, templates in rules().named.items():
        for source in events.sources_of(kind.partition(":")[0]):
            names_by_source[source].update(name for template in templates for name in _PARAMETER.findall(template))
    for service, parameter in rules().account.items():
        for source in events.sources_of(service):
            names_by_source[source].add(parameter)
    for rule in events.rules().conditional:
        if _PASSED in rule.permissions:
            for source in events.sources_of(rule.event.partition(":")[0]):
                names_by_source[source].add(rule.parameter)
    return {source: tuple(sorted(names)) for source, names in sorted(names_by_source.items())}


@lru_cache(maxsize=65_536)
def named_parameters(text: str | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Parameters from the query's lines of name and JSON; only a text or a list of texts names resources."""
    pairs = []
    for line in (text or "").splitlines():
        name, _, written = line.partition("=")
        try:
            value = json.loads(written)
        except ValueError:
            continue
        listed = value if isinstance(value, list) else [value]
        if listed and all(isinstance(one, str) and one for one in listed):
            pairs.append((name, tuple(listed)))
    return tuple(pairs)


@cache
def can_be_limited(permission: str) -> bool:
    """Whether a policy can limit a permission to resources at all."""
    known = reference.action(permission)
    return known is not None and bool(known.kinds)


@lru_cache(maxsize=65_536)
def about(permission: str, request: Request) -> frozenset[Spellings] | None:
    """The resources on which a call has checked a permission; None if they are not all known."""
    definition = reference.action(permission)
    if definition is None or not definition.kinds or permission in rules().whole:
        return None
    if passed := _passing_parameters(permission, request.event):
        return _passed_roles(passed, request)
    resources_by_kind = {
        kind.name: frozenset(_arns_of_kind(kind.name, request)) or frozenset(_resources_by_name(kind.name, request))
        for kind in definition.kinds
    }
    for group in rules().either:
        if any(resources_by_kind.get(name) for name in group):
            resources_by_kind = {
                name: resources for name, resources in resources_by_kind.items() if resources or name not in group
            }
    return frozenset().union(*resources_by_kind.values()) if all(resources_by_kind.values()) else None


def _passing_parameters(permission: str, event: str) -> tuple[str, ...]:
    """Parameters that made a call check a further permission, which is on another resource."""
    return tuple(
        rule.parameter for rule in events.rules().conditional if rule.event == event and permission in rule.permissions
    )


def _passed_roles(names: tuple[str, ...], request: Request) -> frozenset[Spellings] | None:
    roles = [role for name in names for role in request.values(name)]
    known = roles and all(_matches("iam:role", role) for role in roles)
    return frozenset((role,) for role in roles) if known else None


def _arns_of_kind(kind: str, request: Request) -> Iterator[Spellings]:
    return ((_to_general_form(arn),) for arn in request.arns if _matches(kind, arn))


def _resources_by_name(kind: str, request: Request) -> Iterator[Spellings]:
    start = _start(kind, request)
    by_value: dict[str, list[str]] = {}
    for template in rules().named.get(kind, ()):
        *others, last_parameter = _PARAMETER.findall(template)
        if not all(len(request.values(name)) == 1 for name in others):
            continue
        filled, owner = template, start
        for name in others:
            other = request.values(name)[0]
            filled = filled.replace(f"{{{name}}}", other.rpartition("/")[2])
            if other.startswith("arn:"):  # rules of another account's event bus are in that account
                owner = ":".join(other.split(":")[:_ARN_PARTS]) + ":"
        before, after = filled.split(f"{{{last_parameter}}}")
        for value in request.values(last_parameter):
            by_value.setdefault(value, []).extend(_spellings(kind, owner + before, value, after))
    if all(by_value.values()):
        yield from (tuple(dict.fromkeys(found)) for found in by_value.values())


def _spellings(kind: str, before: str, value: str, after: str) -> Iterator[str]:
    if value.startswith("arn:"):
        arns = [value, value + after]
    elif _NO_NAME.match(value) or (kind.startswith("rds:") and value != value.lower()):
        return  # RDS accepts names in any case, and stores them in lower case
    else:
        if kind == "ssm:parameter":
            value = value.partition(":")[0]  # without a version or a label
        value = value.removeprefix("/hostedzone/")
        arns = [before + (value.removeprefix("/") if before.endswith("/") else value) + after]
        if value.startswith(_OF_AWS):
            arns.insert(0, _ACCOUNT.sub("::", arns[0]))
    yield from (_to_general_form(arn) for arn in arns if _matches(kind, arn))


def _start(kind: str, request: Request) -> str:
    """The beginning of an ARN of a resource type, up to the account."""
    _, partition, _, _, account, *_ = [*request.role.split(":"), *[""] * _ARN_PARTS]
    account = next(iter(request.values(rules().account.get(kind.partition(":")[0], ""))), account)
    parts = reference.arn_format(kind).split(":")[:_ARN_PARTS]
    known = {"${Partition}": partition, "${Region}": request.region, "${Account}": account}
    return ":".join(known.get(part, part) for part in parts) + ":"


def _matches(kind: str, arn: str) -> bool:
    return _format(kind).fullmatch(arn) is not None


@cache
def _format(kind: str) -> re.Pattern[str]:
    """A regular expression for ARNs of a resource type. Only the last part may have slashes; a bucket's has none."""
    written = reference.arn_format(kind)
    texts = _PLACEHOLDER.split(written)
    last = "[^/]+" if written.endswith(":::${BucketName}") else ".+"
    gaps = ["[^/:]*"] * max(len(texts) - 2, 0) + [last] * (len(texts) > 1)
    return re.compile("".join(re.escape(text) + gap for text, gap in zip(texts, [*gaps, ""], strict=True)), re.DOTALL)


def _to_general_form(arn: str) -> str:
    for rule in rules().general:
        if found := re.fullmatch(rule.arn, arn, re.DOTALL):
            return found.expand(rule.kept)
    return arn
