"""A policy without what was not needed, and the proof that it would have refused nothing."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ops.iam.review import mapping
from ops.iam.review.groups import KEPT, Membership
from ops.iam.review.policies import Policies, Policy, Statement, allows, as_document, parse
from ops.iam.review.usage import Outcome, Usage
from ops.templates.values import Json, Map

_NAME = "proposed"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Authorised calls that a policy would refuse.

    Attributes:
        event: source and name.
        permission: what is missing.
        calls: how many.
    """

    event: str
    permission: str
    calls: int


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The proposed policy against every authorised call of the window.

    Attributes:
        events: how many calls were tried.
        refused: calls that today's policies allow and the proposed one refuses; must be none.
        refused_today: calls that were authorised although today's policies would refuse them: the policies have changed
            since, one could not be read, or a resource's own policy allows it. No proposal can keep them.
    """

    events: int
    refused: tuple[Refused, ...]
    refused_today: tuple[Refused, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that works today would stop."""
        return not self.refused


def propose(policies: Policies, members: tuple[Membership, ...], usage: Usage) -> Map:
    """The role's policies with every wildcard replaced by what is kept of it.

    Resources, conditions and denies stay as they are written. Where no policies are known, the proposal allows what
    was used on every resource, as a start to be narrowed by hand.
    """
    if not policies.known:
        used = sorted(usage.permissions(Outcome.AUTHORIZED))
        return as_document([{"Sid": "Used", "Effect": "Allow", "Action": [*used], "Resource": "*"}] if used else [])
    kept = frozenset(member.action for member in members if member.group in KEPT)
    statements = (_narrowed(statement, kept) for statement in policies.statements)
    return as_document(statement for statement in statements if statement)


def prove(policies: Policies, proposed: Map, usage: Usage) -> Proof:
    """Evaluate both policies for every authorised call, by comparing texts, without the catalogue's expansion."""
    now = policies.identity
    then: tuple[Policy, ...] = (parse(proposed, _NAME),)
    refused: Counter[tuple[str, str]] = Counter()
    refused_today: Counter[tuple[str, str]] = Counter()
    calls = 0
    for call in usage.calls:
        checked = mapping.checked(call.source, call.name, call.parameters)
        if call.outcome is not Outcome.AUTHORIZED or checked is None:
            continue
        calls += call.count
        for permission in checked.certain:
            if allows(then, policies.boundary, permission):
                continue
            missing_today = policies.known and not allows(now, policies.boundary, permission)
            (refused_today if missing_today else refused)[f"{call.source} {call.name}", permission] += call.count
    return Proof(events=calls, refused=_listed(refused), refused_today=_listed(refused_today))


def size(document: Mapping[str, Json]) -> int:
    """Characters as IAM counts them, without blanks: a managed policy may have 6,144, a role's own ones 10,240."""
    return len(json.dumps(document, separators=(",", ":")))


def _narrowed(statement: Statement, kept: frozenset[str]) -> Map | None:
    if not statement.allows:
        return statement.content
    actions = sorted(statement.actions & kept)
    if not actions:
        return None
    rest = {key: value for key, value in statement.content.items() if key not in ("Action", "NotAction")}
    return {**rest, "Action": [*actions]}


def _listed(found: Counter[tuple[str, str]]) -> tuple[Refused, ...]:
    return tuple(
        Refused(event=event, permission=permission, calls=calls) for (event, permission), calls in sorted(found.items())
    )
