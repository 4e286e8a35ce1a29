"""The five groups of granted actions; every action belongs to exactly one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ops.iam.review.usage import Coverage, Outcome, Usage
from ops.iam.review.visibility import unobservable_reason, unrecorded_reason

ONLY_REFUSED_EARLIER = "In every call of it the session had ended or its signature was wrong: nothing was checked."
ONLY_THROTTLED = "Every call of it was throttled, some services do that before they look at permissions."


class Group(StrEnum):
    """What the records show of a granted action. The first that fits counts."""

    USED = "used"
    """An authorized call has certainly checked it."""
    DEPENDENT = "needed by another"
    """An authorized call may have checked it, which no event would show."""
    DENIED_ONLY = "denied only"
    """Its calls were all refused, although the policies allow it."""
    UNOBSERVABLE = "unobservable"
    """No record of this kind can show its use, so nothing is known."""
    UNUSED = "unused"
    """Its use would have been recorded, but was not."""


KEPT = (Group.USED, Group.DEPENDENT, Group.UNOBSERVABLE)


@dataclass(frozen=True, kw_only=True)
class Membership:
    """One granted action."""

    action: str
    group: Group  # its group
    calls: int = 0  # calls that have certainly checked it
    why: str = ""  # the reason where it is no count: calls that may need it, or why its use cannot be seen

    @property
    def service(self) -> str:
        """The service prefix."""
        return self.action.partition(":")[0]


def divide(granted: frozenset[str], usage: Usage) -> tuple[Membership, ...]:
    """Put every granted action into its group, by name."""
    counts = {outcome: usage.permissions(outcome) for outcome in Outcome}
    implicit = usage.implicit()
    members = (_member(action, counts, implicit) for action in sorted(granted))
    return tuple(_unobservable_if_excluded(member, usage.coverage) for member in members)


def _unobservable_if_excluded(member: Membership, coverage: Coverage) -> Membership:
    """Unobservable in place of unused, where the records lack such events."""
    if member.group is Group.UNUSED and (reason := unrecorded_reason(member.action, coverage)):
        return replace(member, group=Group.UNOBSERVABLE, why=reason)
    return member


def _member(action: str, counts: Mapping[Outcome, Counter[str]], implicit: Mapping[str, frozenset[str]]) -> Membership:
    if calls := counts[Outcome.AUTHORIZED][action]:
        return Membership(action=action, group=Group.USED, calls=calls)
    if callers := implicit.get(action):
        return Membership(action=action, group=Group.DEPENDENT, why=", ".join(sorted(callers)))
    reason = unobservable_reason(action)
    if not reason and (calls := counts[Outcome.DENIED][action]):
        return Membership(action=action, group=Group.DENIED_ONLY, calls=calls)
    if calls := counts[Outcome.THROTTLED][action]:
        return Membership(action=action, group=Group.UNOBSERVABLE, calls=calls, why=ONLY_THROTTLED)
    if calls := counts[Outcome.NOT_SIGNED_IN][action]:
        return Membership(action=action, group=Group.UNOBSERVABLE, calls=calls, why=ONLY_REFUSED_EARLIER)
    if reason:
        return Membership(action=action, group=Group.UNOBSERVABLE, why=reason)
    return Membership(action=action, group=Group.UNUSED)


def count(members: Iterable[Membership]) -> dict[Group, int]:
    """The number of actions of each group; their sum is the number of granted actions."""
    found = Counter(member.group for member in members)
    return {group: found[group] for group in Group}
