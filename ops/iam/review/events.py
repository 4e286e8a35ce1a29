"""Which permissions a recorded call has checked.

An event's name is not always the name of a permission, and one call may check several. So there are three tiers, and
only the first two count as used:

* direct: the permission of the call itself;
* conditional: permissions that it checks because of a parameter, which the event shows;
* implicit: permissions that it may check, which no event shows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path

from installation import yaml_text
from ops.iam.review import catalogue

_FOLDER = Path(__file__).parent / "data"
_DOMAIN = ".amazonaws.com"
TAGS = "any-tags"
# Only a date counts (Lambda, CloudFront): CreateEnvironmentEC2 is an action, and so are 74 others that end in digits.
_DATE = re.compile(r"20\d\d(\d{4}|_\d\d_\d\d)(v\d+)?$")


@dataclass(frozen=True, kw_only=True)
class CheckedPermissions:
    """The permissions that a call has checked, as the reference writes them."""

    direct: frozenset[str]  # for certain; never empty where the event is known
    conditional: frozenset[str] = frozenset()  # for certain as well, because of parameters of its request
    implicit: frozenset[str] = frozenset()  # perhaps

    @cached_property
    def certain(self) -> frozenset[str]:
        """The permissions that count as used if the call was authorized."""
        return self.direct | self.conditional


class Conditional(yaml_text.Data):
    """A permission that depends on a parameter of the request."""

    event: str  # prefix and event, such as ``ec2:RunInstances``
    parameter: str  # path of the parameter in the event's ``requestParameters``, parts separated by dots
    permissions: tuple[str, ...]  # the permissions that are then checked


class Rules(yaml_text.Data):
    """Content of ``events.yaml``, which explains each part."""

    sources: Mapping[str, str]
    shared: Mapping[str, Mapping[str, str]]
    renamed: Mapping[str, Mapping[str, tuple[str, ...]]]
    unchecked: Mapping[str, tuple[str, ...]]
    coarse: Mapping[str, Mapping[str, str]]
    conditional: tuple[Conditional, ...]
    possible: tuple[Conditional, ...]
    tags: tuple[str, ...]
    implicit: Mapping[str, tuple[str, ...]]


rules = yaml_text.cached_reader(_FOLDER / "events.yaml", Rules)
# `make event-sources` writes them.
generated_sources = yaml_text.cached_reader(_FOLDER / "sources.yaml", dict[str, str])


def parameters() -> tuple[str, ...]:
    """All parameters that conditional permissions depend on, for the query."""
    shared = (parameter for others in rules().shared.values() for parameter in others)
    return tuple(sorted({*(rule.parameter for rule in (*rules().conditional, *rules().possible)), *shared}))


def prefix_of(source: str) -> str:
    """The prefix of permissions for an event's source, such as ``cloudwatch`` for ``monitoring.amazonaws.com``."""
    name = source.removesuffix(_DOMAIN).lower()
    return rules().sources.get(name) or generated_sources().get(name, name)


@cache
def sources_of(prefix: str) -> tuple[str, ...]:
    """The event sources whose permissions have a prefix."""
    names = {name for name in (prefix, *rules().sources, *generated_sources()) if prefix_of(name) == prefix}
    return tuple(f"{name}{_DOMAIN}" for name in sorted(names))


def event_of(source: str, event: str) -> str:
    """Prefix and name of an event without its date, such as ``lambda:Invoke``."""
    return f"{prefix_of(source)}:{_DATE.sub('', event)}"


def needs_no_permission(source: str, event: str) -> bool:
    """Whether a call needs no permission."""
    return _DATE.sub("", event) in rules().unchecked.get(source.removesuffix(_DOMAIN).lower(), ())


@cache
def checked_permissions(source: str, event: str, shown: frozenset[str] = frozenset()) -> CheckedPermissions | None:
    """The permissions that a call has checked, by those of `parameters` and `TAGS` that it had; None if not known."""
    service, direct = next(
        ((it, found) for it in _services(prefix_of(source), shown) if (found := frozenset(_direct(it, event)))),
        ("", frozenset()),
    )
    if not direct:
        return None
    name = f"{service}:{_DATE.sub('', event)}"
    conditional = frozenset(_conditional_permissions(rules().conditional, name, shown))
    possible = {
        *_conditional_permissions(rules().conditional, name),
        *_conditional_permissions(rules().possible, name, shown),
    }
    possible.update(rules().implicit.get(name, ()))
    for action in direct:
        possible |= catalogue.dependents(action)
        if TAGS in shown:
            possible |= catalogue.taggers(action)
    return CheckedPermissions(
        direct=direct, conditional=conditional - direct, implicit=frozenset(possible) - conditional - direct
    )


def _conditional_permissions(
    conditions: tuple[Conditional, ...], event: str, shown: frozenset[str] | None = None
) -> Iterator[str]:
    """Conditional permissions of an event; with `shown` only those whose parameter the request had."""
    for one in conditions:
        if one.event == event and (shown is None or one.parameter in shown):
            yield from one.permissions


def _services(prefix: str, shown: frozenset[str]) -> tuple[str, ...]:
    """The services whose permissions a call may check, the likeliest first: some share an event source."""
    others = rules().shared.get(prefix, {})
    named = [other for parameter, other in others.items() if parameter in shown]
    return (*named, prefix, *(it for it in others.values() if it not in named))


def _direct(service: str, event: str) -> tuple[str, ...]:
    """The permission of a call itself: by a rule, by its name, by its name without a date, or by a pattern."""
    undated = _DATE.sub("", event)
    renamed = rules().renamed.get(service, {})
    for name in (event, undated):
        if name in renamed:
            return tuple(known for one in renamed[name] if (known := catalogue.find(service, one)))
        if known := catalogue.find(service, name):
            return (known,)
    for pattern, permission in rules().coarse.get(service, {}).items():
        if fnmatchcase(event, pattern) and (known := catalogue.find(service, permission)):
            return (known,)
    return ()
