"""Five groups that every granted action belongs to exactly one of."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ops.iam.review.usage import Coverage, Outcome, Usage
from ops.iam.review.visibility import why_not_recorded, why_unobservable

ONLY_REFUSED_EARLIER = "In every call of it the session had ended or its signature was wrong: nothing was checked."
ONLY_THROTTLED = "Every call of it was throttled, some services do that before they look at permissions."


class Group(StrEnum):
    """What the records say about a granted action. The first that fits counts."""

    USED = "used"
    """An authorized call has checked it for certain."""
    DEPENDENT = "needed by another"
    """An authorized call may have checked it besides; no event would show that."""
    DENIED_ONLY = "denied only"
    """It was called, and every time refused, although the policies allow it."""
    UNOBSERVABLE = "unobservable"
    """No record of this kind could show its use, so nothing is known."""
    UNUSED = "unused"
    """Its use would have been recorded, and was not."""


KEPT = (Group.USED, Group.DEPENDENT, Group.UNOBSERVABLE)


@dataclass(frozen=True, kw_only=True)
class Membership:
    """One granted action."""

    action: str
    group: Group  # where it belongs
    calls: int = 0  # how many calls have checked it for certain
    why: str = ""  # what led here, where it is not a count: the calls that may need it, or why it cannot be seen

    @property
    def service(self) -> str:
        """The prefix."""
        return self.action.partition(":")[0]


def divide(granted: frozenset[str], usage: Usage) -> tuple[Membership, ...]:
    """Put every granted action into its group, by name."""
    counts = {outcome: usage.permissions(outcome) for outcome in Outcome}
    implicit = usage.implicit()
    members = (_member(action, counts, implicit) for action in sorted(granted))
    return tuple(_unless_left_out(member, usage.coverage) for member in members)


def _unless_left_out(member: Membership, coverage: Coverage) -> Membership:
    """A permission that looks unused only because the records lack such events is unobservable."""
    if member.group is Group.UNUSED and (reason := why_not_recorded(member.action, coverage)):
        return replace(member, group=Group.UNOBSERVABLE, why=reason)
    return member


def _member(action: str, counts: Mapping[Outcome, Counter[str]], implicit: Mapping[str, frozenset[str]]) -> Membership:
    if calls := counts[Outcome.AUTHORIZED][action]:
        return Membership(action=action, group=Group.USED, calls=calls)
    if callers := implicit.get(action):
        return Membership(action=action, group=Group.DEPENDENT, why=", ".join(sorted(callers)))
    reason = why_unobservable(action)
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
    """How many actions each group has; together as many as are granted."""
    found = Counter(member.group for member in members)
    return {group: found[group] for group in Group}
