"""Narrows a statement of a policy to its used actions, and to resources where the records have them.

A proposal is never wider than its statement. A resource of a statement stays unchanged where
the records do not have all resources that it was used on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os.path import commonprefix

from installation.permissions.wildcards import covers, overlap
from ops.iam.review.policies import Policy, Statement
from ops.iam.review.usage import Use
from ops.templates.values import Map

# With more resources than this, a statement gets one pattern for their common beginning.
MOST_RESOURCES = 10
_KNOWN_AT_SYNTHESIS = re.compile(r"\$\{AWS::(Partition|Region|AccountId)\}")
# An ARN has its resource after five colons: a pattern that ends earlier is not limited to a service and account.
_ARN_COLONS = 5


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """A narrowed statement."""

    content: Map  # the statement as a policy writes it
    resources: bool  # whether its resources were narrowed too


def narrowed(statement: Statement, actions: Iterable[str], uses: Mapping[str, Use]) -> tuple[Narrowed, ...]:
    """The statements that replace an allowing one, with its kept actions grouped by their resources."""
    other_elements = {key: value for key, value in statement.content.items() if key not in ("Action", "NotAction")}
    by_resources: dict[tuple[str, ...] | None, list[str]] = defaultdict(list)
    for action in sorted(actions):
        by_resources[_resources(statement, uses.get(action))].append(action)
    by_resources.pop((), None)  # used only on resources that other statements allow
    results = []
    # Those whose resources stay unchanged come first.
    for resources, listed in sorted(by_resources.items(), key=lambda entry: (entry[0] is not None, entry[1])):
        content: Map = {**other_elements, "Action": [*listed]}
        if resources is not None:
            content["Resource"] = resources[0] if len(resources) == 1 else [*resources]
        results.append(Narrowed(content=content, resources=resources is not None))
    return tuple(results)


def summarize_resources(resources: Iterable[str]) -> tuple[str, ...]:
    """Resources, or if there are many, one pattern per resource type, which may be wider."""
    listed = tuple(dict.fromkeys(resources))
    if len(listed) <= MOST_RESOURCES:
        return listed
    by_kind: dict[str, list[str]] = defaultdict(list)
    for resource in listed:
        by_kind[":".join(resource.split(":", _ARN_COLONS)[:_ARN_COLONS])].append(resource)
    patterns = [one for found in by_kind.values() for one in _common_prefix(found)]
    return tuple(patterns) if len(patterns) <= MOST_RESOURCES else ("*",)


def meeting(resource: str, granted: str) -> str | None:
    """The common part of two patterns: the narrower one, the granted one if neither is, None if there is none."""
    if covers(granted, resource):
        return resource
    if covers(resource, granted) or overlap(resource, granted):
        return granted
    return None


def patterns_for(action: str, policies: Iterable[Policy]) -> tuple[str, ...]:
    """The resources on which policies allow an action, as patterns; ``*`` where the text alone does not decide."""
    patterns: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            if statement.allows and statement.names(action):
                patterns.update((comparable(one) or "*", None) for one in statement.resources)
    return tuple(patterns)


def comparable(resource: str) -> str | None:
    """A resource of a policy as a pattern; None where a request or a deployment decides its value."""
    pattern = without_references(resource)
    return None if "${" in pattern else pattern


def without_references(resource: str) -> str:
    """A resource of a policy with wildcards for partition, region and account, which are known at deployment."""
    return _KNOWN_AT_SYNTHESIS.sub("*", resource)


def _resources(statement: Statement, use: Use | None) -> tuple[str, ...] | None:
    """The part of a statement's resources that an action needs; None: all of them unchanged."""
    if use is None or use.unknown or not use.calls or "Resource" not in statement.content:
        return None
    patterns = {one: pattern for one in statement.resources if (pattern := comparable(one)) is not None}
    if len(patterns) < len(set(statement.resources)):
        return None
    summarized = summarize_resources(
        written if both == pattern else both
        for spellings in use.calls
        for written, pattern in patterns.items()
        for spelling in spellings
        if (both := meeting(spelling, pattern)) is not None
    )
    covered = all(any(covers(pattern, one) for pattern in patterns.values()) for one in summarized)
    return summarized if covered and set(summarized) != patterns.keys() else None


def _common_prefix(resources: list[str]) -> list[str]:
    if len(resources) == 1:
        return resources
    start = commonprefix(resources)  # noqa: RUF071 - by characters, not by folders
    return [f"{start.rstrip('*?')}*"] if start.count(":") >= _ARN_COLONS else ["*"]
