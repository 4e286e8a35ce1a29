"""Which permissions a recorded call has checked.

An event's name is not always the name of a permission, and one call may check several. So there are tiers, and only
what is certain counts as used:

* direct: what the call itself is;
* conditional: what it checks when its request has a parameter, and the event shows the parameter;
* implicit: what it may check besides, which no event shows.
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
class Checked:
    """What a call has checked, as the reference writes it."""

    direct: frozenset[str]  # for certain; never empty where the event is known
    conditional: frozenset[str] = frozenset()  # for certain as well, because of what its request had
    implicit: frozenset[str] = frozenset()  # perhaps

    @cached_property
    def certain(self) -> frozenset[str]:
        """What counts as used when the call was authorized."""
        return self.direct | self.conditional


class Conditional(yaml_text.Data):
    """A permission that depends on a parameter."""

    event: str
    """Prefix and event, such as ``ec2:RunInstances``."""
    parameter: str
    """Path of the parameter in the event's ``requestParameters``, parts separated by dots."""
    permissions: tuple[str, ...]
    """What is checked then."""


class Rules(yaml_text.Data):
    """Content of ``events.yaml``, which says what each part is for."""

    sources: Mapping[str, str]
    shared: Mapping[str, Mapping[str, str]]
    renamed: Mapping[str, Mapping[str, tuple[str, ...]]]
    unchecked: Mapping[str, tuple[str, ...]]
    coarse: Mapping[str, Mapping[str, str]]
    conditional: tuple[Conditional, ...]
    possible: tuple[Conditional, ...]
    tags: tuple[str, ...]
    implicit: Mapping[str, tuple[str, ...]]


rules = yaml_text.once(_FOLDER / "events.yaml", Rules)
generated_sources = yaml_text.once(_FOLDER / "sources.yaml", dict[str, str])  # `make event-sources` writes them


def parameters() -> tuple[str, ...]:
    """All parameters that conditions look at, for the query that has to ask for them."""
    shared = (parameter for others in rules().shared.values() for parameter in others)
    return tuple(sorted({*(rule.parameter for rule in (*rules().conditional, *rules().possible)), *shared}))


def prefix_of(source: str) -> str:
    """The prefix of permissions for an event's source, such as ``cloudwatch`` for ``monitoring.amazonaws.com``."""
    name = source.removesuffix(_DOMAIN).lower()
    return rules().sources.get(name) or generated_sources().get(name, name)


@cache
def sources_of(prefix: str) -> tuple[str, ...]:
    """The sources of events whose permissions have a prefix."""
    names = {name for name in (prefix, *rules().sources, *generated_sources()) if prefix_of(name) == prefix}
    return tuple(f"{name}{_DOMAIN}" for name in sorted(names))


def event_of(source: str, event: str) -> str:
    """Prefix and name of an event without its date, such as ``lambda:Invoke``."""
    return f"{prefix_of(source)}:{_DATE.sub('', event)}"


def needs_no_permission(source: str, event: str) -> bool:
    """Whether a call checks nothing that a policy of the caller's could say."""
    return _DATE.sub("", event) in rules().unchecked.get(source.removesuffix(_DOMAIN).lower(), ())


@cache
def checked(source: str, event: str, shown: frozenset[str] = frozenset()) -> Checked | None:
    """What a call has checked, by those of `parameters` and `TAGS` that its request had; None if that is not known."""
    service, direct = next(
        ((it, found) for it in _services(prefix_of(source), shown) if (found := frozenset(_direct(it, event)))),
        ("", frozenset()),
    )
    if not direct:
        return None
    name = f"{service}:{_DATE.sub('', event)}"
    conditional = frozenset(_asked_by(rules().conditional, name, shown))
    perhaps = {*_asked_by(rules().conditional, name), *_asked_by(rules().possible, name, shown)}
    perhaps.update(rules().implicit.get(name, ()))
    for action in direct:
        perhaps |= catalogue.dependents(action)
        if TAGS in shown:
            perhaps |= catalogue.taggers(action)
    return Checked(direct=direct, conditional=conditional - direct, implicit=frozenset(perhaps) - conditional - direct)


def _asked_by(conditions: tuple[Conditional, ...], event: str, shown: frozenset[str] | None = None) -> Iterator[str]:
    """What an event may need by conditions; where it is said what its request had, by those that held."""
    for one in conditions:
        if one.event == event and (shown is None or one.parameter in shown):
            yield from one.permissions


def _services(prefix: str, shown: frozenset[str]) -> tuple[str, ...]:
    """Whose permissions a call may be, the likeliest first: some share a source, and a parameter tells them apart."""
    others = rules().shared.get(prefix, {})
    told = [other for parameter, other in others.items() if parameter in shown]
    return (*told, prefix, *(it for it in others.values() if it not in told))


def _direct(service: str, event: str) -> tuple[str, ...]:
    """What a call itself is: by its rule, by its name, by its name without a date, by the pattern of a coarser one."""
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
