"""Proposes a policy without unused permissions, and says whether the conditions of today's held for the calls."""

import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ops.iam.review.evaluation import condition_result
from ops.iam.review.groups import KEPT, Membership, unobservable_reason
from ops.iam.review.narrowing import meeting, narrowed, patterns_for, summarize_resources
from ops.iam.review.policies import Policies, Statement, as_document
from ops.iam.review.resources import about
from ops.iam.review.usage import Outcome, Usage, Use
from ops.templates.values import Json, Map

_SID = "Used"
_EVERYTHING = ("*",)


@dataclass(frozen=True, kw_only=True)
class ConditionUse:
    """A statement with conditions, and the number of authorized calls for which they held."""

    statement: str  # its policy and name
    allows: bool  # whether it allows or denies
    condition: Json  # its conditions as written
    held: int  # calls for which they held
    not_held: int  # calls for which they did not
    unknown: int  # calls for which that is not known
    unknown_keys: tuple[str, ...]  # the keys that the records do not have
    # Its actions that were used, but never under its conditions: the proposal removes them from it.
    never: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the proposal does with it, for people."""
        counts = [
            *([f"held for {counted(self.held, 'call')}"] if self.held else ()),
            *([f"did not hold for {counted(self.not_held, 'call')}"] if self.not_held else ()),
            *(
                [f"not known for {counted(self.unknown, 'call')} ({', '.join(self.unknown_keys)})"]
                if self.unknown
                else ()
            ),
        ]
        kept = "kept as it is"
        if not self.allows:
            kept = "kept, as every denial"
        elif self.never:
            kept = f"kept, without what was used and never under it: {', '.join(self.never)}"
        return f"{', '.join(counts) or 'no authorized call of its actions'}; {kept}"


def counted(number: int, noun: str) -> str:
    """A number and what it counts, in the singular or the plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def conditions_used(policies: Policies, usage: Usage) -> tuple[ConditionUse, ...]:
    """All statements with conditions, of the role's own policies and of its boundary."""
    implicit = frozenset(usage.implicit())
    conditional = (it for it in (*policies.statements, *policies.limits) if it.conditional)
    return tuple(_condition_use(statement, usage, implicit) for statement in conditional)


def _condition_use(statement: Statement, usage: Usage, implicit: frozenset[str]) -> ConditionUse:
    calls: Counter[bool | None] = Counter()
    keys: set[str] = set()
    by_permission: dict[str, set[bool | None]] = defaultdict(set)
    for call in usage.authorized:
        for permission in filter(statement.names, call.checked.certain):
            answer = condition_result(statement, call.recorded(permission))
            calls[answer.holds] += call.count
            keys |= answer.unknown
            by_permission[permission].add(answer.holds)
    never = [it for it, answers in by_permission.items() if statement.allows and answers == {False}]
    return ConditionUse(
        statement=statement.title,
        allows=statement.allows,
        condition=statement.content.get("Condition"),
        held=calls[True],
        not_held=calls[False],
        unknown=calls[None],
        unknown_keys=tuple(sorted(keys)),
        never=tuple(it for it in sorted(never) if it not in implicit and not unobservable_reason(it)),
    )


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
    stay unchanged, also a condition that is not known to have held; an action that was used, but never under the
    condition of a statement, is removed from that statement. Actions that are newer than the catalogue stay as they are
    written, or called. Where no policies are known, the proposal allows what was used. ``conditions`` are in the order
    of today's policies; the boundary's are last.
    """
    known = usage.uses()
    unsure = {*usage.implicit(), *_with_unknown_resources(usage, known)}
    uses = {name: use for name, use in known.items() if _has_all_uses(name, use) and name not in unsure}
    if not policies.known:
        return _from_use(usage, uses)
    allowed = {permission: use for permission, use in uses.items() if _is_allowed(permission, use, policies)}
    conditional = (id(statement) for statement in policies.statements if statement.conditional)
    never = {key: frozenset(one.never) for key, one in zip(conditional, conditions, strict=False)}
    actions_kept = frozenset(member.action for member in members if member.group in KEPT)
    statements: list[Mapping[str, Json]] = []
    narrowed_resources = 0
    for statement in policies.statements:
        if not statement.allows:
            statements.append(statement.content)
            continue
        applicable = _under(statement, usage, allowed) if statement.conditional else allowed
        actions = (statement.actions & actions_kept) - never.get(id(statement), frozenset())
        newer = statement.unknown | {one for one in usage.presumed if statement.names(one)}
        found = narrowed(statement, actions | newer, applicable)
        statements += [one.content for one in found]
        narrowed_resources += sum(one.resources for one in found)
    return Proposal(document=as_document(statements), narrowed=narrowed_resources)


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
    return usage.uses(
        lambda name, call: name in allowed and condition_result(statement, call.recorded(name)).holds is not False
    )


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
