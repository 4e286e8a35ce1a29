"""The five groups of granted actions, each with exactly one; what no trail records proves nothing by its absence."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import Field

from installation import yaml_text
from ops.iam import reference
from ops.iam.review import catalogue, events
from ops.iam.review.usage import Coverage, Outcome, Usage

_UNOBSERVABLE = Path(__file__).parent / "data" / "unobservable.yaml"
_RECORDED = _UNOBSERVABLE.with_name("recorded.yaml")
NO_CALL = "A permission without a documented call of its name: other calls check it (service authorization reference)."

# CloudTrail user guide, "Logging management events": both can be left out of a trail.
NO_KMS = "There is no event of KMS, of any caller: a trail may be told to leave them out."
NO_READING = "There is no reading call, of any caller: a trail may be told to record writing ones only."
NO_WRITING = "There is no writing call, of any caller: a trail may be told to record reading ones only."
# Calls that the reference may class as write and CloudTrail as read: Decrypt, AssumeRole, GetClusterCredentials.
_MARKED_AS_READING = re.compile(r"(kms|sts):|[^:]+:(BatchGet|Describe|Get|List)")
ONLY_REFUSED_EARLIER = "In every call of it the session had ended or its signature was wrong: nothing was checked."
ONLY_THROTTLED = "Every call of it was throttled, some services do that before they look at permissions."


class Unobservable(yaml_text.Data):
    """Actions that a trail does not record."""

    actions: tuple[str, ...]  # patterns as in a policy
    reason: str = Field(min_length=10)  # the source
    region: str = ""  # the region whose records have them; empty where none have


unobservable = yaml_text.cached_reader(_UNOBSERVABLE, tuple[Unobservable, ...])


@cache
def unobservable_reason(action: str) -> str | None:
    """Why a trail of management events cannot show the use of an action; None if it can."""
    if reason := next((rule.reason for rule in _rules_about(action) if not rule.region), None):
        return reason
    return None if catalogue.is_call(action) or action in _recorded_permissions() else NO_CALL


@cache
def _rules_about(action: str) -> tuple[Unobservable, ...]:
    return tuple(rule for rule in unobservable() if any(action in catalogue.expand(it) for it in rule.actions))


def unrecorded_reason(action: str, coverage: Coverage) -> str | None:
    """Why these records may lack events that a trail of all management events has; None if they do not."""
    if not coverage.kms and action.startswith("kms:"):
        return NO_KMS
    reads = not reference.access_levels(action).isdisjoint({"Read", "List"})
    if coverage.management == {"management write"} and (reads or _MARKED_AS_READING.match(action)):
        return NO_READING
    if coverage.management == {"management read"} and not reads:
        return NO_WRITING
    return next((it.reason for it in _rules_about(action) if it.region and it.region not in coverage.regions), None)


@cache
def _recorded_permissions() -> frozenset[str]:
    """Permissions that calls of another name show, and calls without a documented page in the catalogue."""
    listed = yaml_text.read(_RECORDED, dict[str, tuple[str, ...]])
    coarse = events.rules().coarse
    return frozenset(f"{service}:{name}" for service, names in listed.items() for name in names) | {
        f"{service}:{name}" for service, calls in coarse.items() for name in calls.values()
    }


class Group(StrEnum):
    """What the records show of a granted action. The first that fits counts."""

    USED = "used"  # an authorized call has certainly checked it
    DEPENDENT = "needed by another"  # an authorized call may have checked it, which no event would show
    DENIED_ONLY = "denied only"  # its calls were all refused, although the policies allow it
    UNOBSERVABLE = "unobservable"  # no record of this kind can show its use, so nothing is known
    UNUSED = "unused"  # its use would have been recorded, but was not


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
    return tuple(_member(action, counts, implicit, usage.coverage) for action in sorted(granted))


def _member(
    action: str, counts: Mapping[Outcome, Counter[str]], implicit: Mapping[str, frozenset[str]], coverage: Coverage
) -> Membership:
    if calls := counts[Outcome.AUTHORIZED][action]:
        return Membership(action=action, group=Group.USED, calls=calls)
    if callers := implicit.get(action):
        return Membership(action=action, group=Group.DEPENDENT, why=", ".join(sorted(callers)))
    reason = unobservable_reason(action) or unrecorded_reason(action, coverage)
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
