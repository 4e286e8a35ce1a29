"""A policy without what was not needed, and the proof that it would have refused nothing."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from installation.permissions.wildcards import covers
from ops.iam.review import mapping
from ops.iam.review.groups import KEPT, Membership
from ops.iam.review.narrowing import meeting, narrowed, patterns_for, taken_together
from ops.iam.review.policies import Policies, Policy, allows, as_document, parse
from ops.iam.review.resources import Spellings, about, can_be_limited
from ops.iam.review.usage import Call, Outcome, Usage, Use
from ops.iam.review.visibility import why_unobservable
from ops.templates.values import Json, Map

_NAME = "proposed"
_SID = "Used"
_EVERYTHING = ("*",)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Authorized calls that a policy would refuse.

    Attributes:
        event: source and name.
        permission: what is missing.
        calls: how many.
        resource: what it is missing on; empty where it is missing altogether.
    """

    event: str
    permission: str
    calls: int
    resource: str = ""

    @property
    def words(self) -> str:
        """It for people, without the number of calls."""
        return f"{self.event} needs {self.permission}" + (f" on {self.resource}" if self.resource else "")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The proposed policy against every authorized call of the window.

    Attributes:
        events: how many calls were tried.
        on_resources: how many of them with all resources that their permissions can be limited to.
        refused: calls that today's policies allow and the proposed one refuses; must be none.
        refused_today: calls that were authorized although today's policies would refuse them: the policies have changed
            since, one could not be read, or a resource's own policy allows it. No proposal can keep them.
    """

    events: int
    on_resources: int
    refused: tuple[Refused, ...]
    refused_today: tuple[Refused, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that works today would stop."""
        return not self.refused


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A policy to try.

    Attributes:
        document: the policy.
        narrowed: how many of its statements have other resources than today's.
    """

    document: Map
    narrowed: int


def propose(policies: Policies, members: tuple[Membership, ...], usage: Usage) -> Proposal:
    """The role's policies with every wildcard replaced by what is kept of it.

    Resources are narrowed to those of the records for an action whose resources are all known. Conditions and denies
    stay as they are written. Where no policies are known, the proposal allows what was used, as a start.
    """
    uses = {permission: use for permission, use in usage.uses().items() if _tells(permission, use)}
    if not policies.known:
        return _from_use(usage, uses)
    uses = {permission: use for permission, use in uses.items() if _is_allowed(permission, use, policies)}
    kept = frozenset(member.action for member in members if member.group in KEPT)
    statements: list[Mapping[str, Json]] = []
    changed = 0
    for statement in policies.statements:
        if not statement.allows:
            statements.append(statement.content)
            continue
        found = narrowed(statement, statement.actions & kept, uses)
        statements += [one.content for one in found]
        changed += sum(one.resources for one in found)
    return Proposal(document=as_document(statements), narrowed=changed)


def prove(policies: Policies, proposed: Map, usage: Usage) -> Proof:
    """Evaluate both policies for every authorized call, by comparing texts, without the catalogue's expansion."""
    then: tuple[Policy, ...] = (parse(proposed, _NAME),)
    refused: Counter[tuple[str, str, str]] = Counter()
    refused_today: Counter[tuple[str, str, str]] = Counter()
    calls = on_resources = 0
    for call in usage.calls:
        checked = mapping.checked(call.source, call.name, call.parameters)
        if call.outcome is not Outcome.AUTHORIZED or checked is None:
            continue
        calls += call.count
        if all(about(one, call.request) is not None for one in checked.certain if can_be_limited(one)):
            on_resources += call.count
        for permission in checked.certain:
            for resource, today in _missing(permission, call, policies, then):
                (refused_today if today else refused)[f"{call.source} {call.name}", permission, resource] += call.count
    return Proof(
        events=calls, on_resources=on_resources, refused=_listed(refused), refused_today=_listed(refused_today)
    )


def size(document: Mapping[str, Json]) -> int:
    """Characters as IAM counts them, without blanks: a managed policy may have 6,144, a role's own ones 10,240."""
    return len(json.dumps(document, separators=(",", ":")))


def _tells(permission: str, use: Use) -> bool:
    """Whether the records say all that a permission was used on: data events may be recorded of some resources only."""
    return bool(use.calls) and not use.unknown and why_unobservable(permission) is None


def _is_allowed(permission: str, use: Use, policies: Policies) -> bool:
    """Whether today's policies allow all of it; else something else does, or a name was read wrongly."""
    today = patterns_for(permission, policies.identity)
    return all(_met(spellings, today) for spellings in use.calls)


def _from_use(usage: Usage, uses: Mapping[str, Use]) -> Proposal:
    by_resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for permission in sorted(usage.permissions(Outcome.AUTHORIZED)):
        use = uses.get(permission)
        written = (spelling for spellings in use.calls for spelling in spellings) if use else _EVERYTHING
        by_resources[taken_together(written)].append(permission)
    statements: list[Map] = [
        {"Sid": _SID if number == 1 else f"{_SID}{number}", "Effect": "Allow", "Action": [*listed], "Resource": [*on]}
        for number, (on, listed) in enumerate(sorted(by_resources.items()), start=1)
    ]
    return Proposal(document=as_document(statements), narrowed=sum(on != _EVERYTHING for on in by_resources))


def _missing(permission: str, call: Call, policies: Policies, then: tuple[Policy, ...]) -> Iterable[tuple[str, bool]]:
    """On what a policy refuses a call, and whether today's would as well."""
    if not allows(then, policies.boundary, permission):
        yield "", policies.known and not allows(policies.identity, policies.boundary, permission)
        return
    today, proposed = patterns_for(permission, policies.identity), patterns_for(permission, then)
    for spellings in about(permission, call.request) or ():
        needed = _met(spellings, today) if policies.known else spellings
        if not needed:
            yield spellings[0], True
        elif not all(any(covers(pattern, one) for pattern in proposed) for one in needed):
            yield spellings[0], False


def _met(spellings: Spellings, granted: Iterable[str]) -> list[str]:
    return [both for pattern in granted for one in spellings if (both := meeting(one, pattern)) is not None]


def _listed(found: Counter[tuple[str, str, str]]) -> tuple[Refused, ...]:
    return tuple(
        Refused(event=event, permission=permission, resource=resource, calls=calls)
        for (event, permission, resource), calls in sorted(found.items())
    )
