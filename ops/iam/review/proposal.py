"""Proposes a policy without unused permissions, and proves that it would have refused nothing."""

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ops.iam.review.conditions_used import ConditionUse
from ops.iam.review.evaluation import condition_result
from ops.iam.review.groups import KEPT, Membership
from ops.iam.review.narrowing import meeting, narrowed, patterns_for, summarize_resources
from ops.iam.review.policies import Policies, Statement, as_document
from ops.iam.review.resources import about
from ops.iam.review.usage import Call, Outcome, Usage, Use
from ops.iam.review.visibility import unobservable_reason
from ops.templates.values import Json, Map

_SID = "Used"
_EVERYTHING = ("*",)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A proposed policy."""

    document: Map  # the policy
    narrowed: int  # how many of its statements have narrower resources than today's


def propose(
    policies: Policies, members: tuple[Membership, ...], usage: Usage, conditions: Iterable[ConditionUse] = ()
) -> Proposal:
    """The role's policies with every wildcard replaced by the actions that are kept.

    Resources are narrowed to those in the records, for an action whose resources are all known. Conditions and denials
    stay unchanged, also a condition that is not known to have held; an action that was used, but never
    under the condition of a statement, is removed from that statement. Actions that are newer than the catalogue stay
    as they are written, or called. Where no policies are known, the proposal allows what was used.

    Args:
        policies: today's policies.
        members: every granted action with its group.
        usage: what was used.
        conditions: whether the conditions of today's policies held, in their order; the boundary's are last.
    """
    known = usage.uses()
    unsure = {*usage.implicit(), *_with_unknown_resources(usage, known)}
    uses = {name: use for name, use in known.items() if _has_all_uses(name, use) and name not in unsure}
    if not policies.known:
        return _from_use(usage, uses)
    allowed = {permission: use for permission, use in uses.items() if _is_allowed(permission, use, policies)}
    conditional = (id(statement) for statement in policies.statements if statement.conditional)
    never = {key: frozenset(one.never) for key, one in zip(conditional, conditions, strict=False)}
    kept = frozenset(member.action for member in members if member.group in KEPT)
    statements: list[Mapping[str, Json]] = []
    changed = 0
    for statement in policies.statements:
        if not statement.allows:
            statements.append(statement.content)
            continue
        applicable = _under(statement, usage, allowed) if statement.conditional else allowed
        actions = (statement.actions & kept) - never.get(id(statement), frozenset())
        newer = statement.unknown | {one for one in usage.presumed if statement.names(one)}
        found = narrowed(statement, actions | newer, applicable)
        statements += [one.content for one in found]
        changed += sum(one.resources for one in found)
    return Proposal(document=as_document(statements), narrowed=changed)


def _with_unknown_resources(usage: Usage, uses: Mapping[str, Use]) -> Iterator[str]:
    """Permissions with other calls that were neither authorized nor denied: throttled, or with an expired session."""
    for call in usage.calls:
        if call.outcome in (Outcome.THROTTLED, Outcome.NOT_SIGNED_IN):
            for permission in call.checked.certain & uses.keys():
                found = about(permission, call.request)
                if found is None or not found <= uses[permission].calls.keys():
                    yield permission


def _under(statement: Statement, usage: Usage, allowed: Container[str]) -> Mapping[str, Use]:
    """The uses of a conditional statement for which its conditions may have held."""

    def needs_it(permission: str, call: Call) -> bool:
        return permission in allowed and condition_result(statement, call.recorded(permission)).holds is not False

    return usage.uses(needs_it)


def size(document: Mapping[str, Json]) -> int:
    """Length of a policy in characters as IAM counts them, without blanks."""
    return len(json.dumps(document, separators=(",", ":")))


def _has_all_uses(permission: str, use: Use) -> bool:
    """Whether the records have all uses of a permission: data events may be recorded for some resources only."""
    return bool(use.calls) and not use.unknown and unobservable_reason(permission) is None


def _is_allowed(permission: str, use: Use, policies: Policies) -> bool:
    """Whether today's policies allow all uses; if not, something else allows them, or a name was misread."""
    today = patterns_for(permission, policies.identity)
    return all(
        any(meeting(one, pattern) is not None for pattern in today for one in spellings) for spellings in use.calls
    )


def _from_use(usage: Usage, uses: Mapping[str, Use]) -> Proposal:
    by_resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for permission in sorted(usage.permissions(Outcome.AUTHORIZED)):
        use = uses.get(permission)
        written = (spelling for spellings in use.calls for spelling in spellings) if use else _EVERYTHING
        by_resources[summarize_resources(written)].append(permission)
    statements: list[Map] = [
        {"Sid": _SID if number == 1 else f"{_SID}{number}", "Effect": "Allow", "Action": [*listed], "Resource": [*on]}
        for number, (on, listed) in enumerate(sorted(by_resources.items()), start=1)
    ]
    return Proposal(document=as_document(statements), narrowed=sum(on != _EVERYTHING for on in by_resources))
