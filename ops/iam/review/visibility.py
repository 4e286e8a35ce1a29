"""Which permissions a trail does not record, so that their absence proves nothing."""

from functools import cache
from pathlib import Path

from pydantic import Field

from installation import yaml_text
from ops.iam import reference
from ops.iam.review import catalogue, events
from ops.iam.review.usage import Coverage

_FILE = Path(__file__).parent / "data" / "unobservable.yaml"
_RECORDED = _FILE.with_name("recorded.yaml")
NO_CALL = "A permission without a documented call of its name: other calls check it (service authorization reference)."

# CloudTrail user guide, "Logging management events": both can be left out of a trail.
NO_KMS = "There is no event of KMS, of any caller: a trail may be told to leave them out."
NO_READING = "There is no reading call, of any caller: a trail may be told to record writing ones only."
# Services with calls that the reference classes as write and CloudTrail as read: Decrypt, GenerateDataKey, AssumeRole.
_MARKED_AS_READING = ("kms:", "sts:")


class Unobservable(yaml_text.Data):
    """Actions that a trail does not record."""

    actions: tuple[str, ...]
    """Patterns as in a policy."""
    reason: str = Field(min_length=10)
    """The source."""


unobservable = yaml_text.cached_reader(_FILE, tuple[Unobservable, ...])


@cache
def unobservable_reason(action: str) -> str | None:
    """Why a trail of management events cannot show the use of an action; None if it can."""
    for rule in unobservable():
        if any(action in catalogue.expand(pattern) for pattern in rule.actions):
            return rule.reason
    return None if catalogue.is_call(action) or action in _recorded_permissions() else NO_CALL


def unrecorded_reason(action: str, coverage: Coverage) -> str | None:
    """Why these records may lack events that a trail of all management events has; None if they do not."""
    if not coverage.kms and action.startswith("kms:"):
        return NO_KMS
    kinds = {selector for selector in coverage.selectors if selector.startswith("management")}
    if kinds == {"management write"} and (_is_read_action(action) or action.startswith(_MARKED_AS_READING)):
        return NO_READING
    return None


def _is_read_action(action: str) -> bool:
    return not reference.access_levels(action).isdisjoint({"Read", "List"})


@cache
def _recorded_permissions() -> frozenset[str]:
    """Permissions that calls of another name show, and calls without a documented page in the catalogue."""
    listed = yaml_text.read(_RECORDED, dict[str, tuple[str, ...]])
    coarse = events.rules().coarse
    return frozenset(f"{service}:{name}" for service, names in listed.items() for name in names) | {
        f"{service}:{name}" for service, calls in coarse.items() for name in calls.values()
    }
