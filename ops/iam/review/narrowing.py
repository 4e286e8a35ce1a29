"""A statement of a policy for what was used of it: its actions, and the resources where the records know them.

A proposal is never wider than the statement that it comes from. A resource of a statement stays as it is written where
the records do not say all that it was used for.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os.path import commonprefix

from installation.permissions.wildcards import covers, overlap
from ops.iam.review.policies import Policy, Statement
from ops.iam.review.resources import Spellings
from ops.iam.review.usage import Use
from ops.templates.values import Map, items

# More than this and a statement gets one pattern for all that begins alike.
MOST_RESOURCES = 10
_KNOWN_AT_SYNTHESIS = re.compile(r"\$\{AWS::(Partition|Region|AccountId)\}")
# An ARN has its resource after five colons: a pattern that ends before is none for one service of one account.
_ARN_COLONS = 5


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """A statement, with which of its resources come from the records."""

    content: Map  # the statement as a policy writes it
    resources: bool  # whether its resources were narrowed


def narrowed(statement: Statement, actions: Iterable[str], uses: Mapping[str, Use]) -> tuple[Narrowed, ...]:
    """Statements in the place of one that allows, for those of its actions that are kept, by what each was used on."""
    rest = {key: value for key, value in statement.content.items() if key not in ("Action", "NotAction")}
    by_resources: dict[tuple[str, ...] | None, list[str]] = defaultdict(list)
    for action in sorted(actions):
        by_resources[_resources(statement, uses.get(action))].append(action)
    by_resources.pop((), None)  # used, and only on what other statements allow
    found = []
    for resources, listed in sorted(by_resources.items(), key=_first_as_written):
        content: Map = {**rest, "Action": [*listed]}
        if resources is not None:
            content["Resource"] = resources[0] if len(resources) == 1 else [*resources]
        found.append(Narrowed(content=content, resources=resources is not None))
    return tuple(found)


def taken_together(resources: Iterable[str]) -> tuple[str, ...]:
    """Resources, or where they are many one pattern for all of them of one kind; it may be wider than they are."""
    listed = tuple(dict.fromkeys(resources))
    if len(listed) <= MOST_RESOURCES:
        return listed
    by_kind: dict[str, list[str]] = defaultdict(list)
    for resource in listed:
        by_kind[":".join(resource.split(":", _ARN_COLONS)[:_ARN_COLONS])].append(resource)
    together = [one for found in by_kind.values() for one in _beginning(found)]
    return tuple(together) if len(together) <= MOST_RESOURCES else ("*",)


def meeting(resource: str, granted: str) -> str | None:
    """What two patterns both stand for: the narrower one, the granted one where neither is, None where nothing is."""
    if covers(granted, resource):
        return resource
    if covers(resource, granted) or overlap(resource, granted):
        return granted
    return None


def patterns_for(action: str, policies: Iterable[Policy]) -> tuple[str, ...]:
    """What policies allow an action on, as patterns; ``*`` where that depends on more than what is written."""
    found: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            if statement.allows and statement.names(action):
                written = items(statement.content.get("Resource", "*"))
                found.update((comparable(one) or "*", None) for one in written if isinstance(one, str))
    return tuple(found)


def comparable(resource: str) -> str | None:
    """A resource of a policy as a pattern, None where a request or a deployment decides what it stands for."""
    pattern = without_references(resource)
    return None if "${" in pattern else pattern


def without_references(resource: str) -> str:
    """A resource of a policy with a wildcard for the partition, region and account that a deployment knows."""
    return _KNOWN_AT_SYNTHESIS.sub("*", resource)


def _resources(statement: Statement, use: Use | None) -> tuple[str, ...] | None:
    """What an action needs of a statement's resources; None: all as it is written."""
    if use is None or use.unknown or not use.calls or "Resource" not in statement.content:
        return None
    granted = [one for one in items(statement.content["Resource"]) if isinstance(one, str)]
    patterns = {one: comparable(one) for one in granted}
    if None in patterns.values():
        return None
    needed: list[str] = []
    for spellings in use.calls:
        needed += _needed(spellings, {one: pattern for one, pattern in patterns.items() if pattern})
    together = taken_together(needed)
    within = all(any(covers(pattern, one) for pattern in patterns.values() if pattern) for one in together)
    return together if within and set(together) != set(granted) else None


def _needed(spellings: Spellings, granted: Mapping[str, str]) -> Iterable[str]:
    for written, pattern in granted.items():
        for spelling in spellings:
            if (both := meeting(spelling, pattern)) is not None:
                yield written if both == pattern else both


def _beginning(resources: list[str]) -> list[str]:
    if len(resources) == 1:
        return resources
    start = commonprefix(resources)  # noqa: RUF071 - by characters, not by folders
    return [f"{start.rstrip('*?')}*"] if start.count(":") >= _ARN_COLONS else ["*"]


def _first_as_written(entry: tuple[tuple[str, ...] | None, list[str]]) -> tuple[bool, list[str]]:
    return entry[0] is not None, entry[1]
