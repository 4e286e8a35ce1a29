"""Which permissions leave no trace in a trail, so that their absence says nothing."""

from functools import cache
from pathlib import Path

from pydantic import Field

from installation import yaml_text
from ops.iam.review import catalogue, events

_FILE = Path(__file__).parent / "data" / "unseen.yaml"
_RECORDED = _FILE.with_name("recorded.yaml")
NO_CALL = "A permission without a documented call of its name: other calls check it (service authorization reference)."


class Unseen(yaml_text.Data):
    """Actions that a trail does not record."""

    actions: tuple[str, ...]
    """Patterns as in a policy."""
    reason: str = Field(min_length=10)
    """Where it is said."""


unseen = yaml_text.once(_FILE, tuple[Unseen, ...])


@cache
def why_unobservable(action: str) -> str | None:
    """Why a trail of management events cannot show that an action was used, None if it can."""
    for rule in unseen():
        if any(action in catalogue.expand(pattern) for pattern in rule.actions):
            return rule.reason
    return None if catalogue.is_call(action) or action in _recorded() else NO_CALL


@cache
def _recorded() -> frozenset[str]:
    """Permissions that calls of another name show, and those that are calls though the catalogue links no page."""
    listed = yaml_text.read(_RECORDED, dict[str, tuple[str, ...]])
    coarse = events.rules().coarse
    return frozenset(f"{service}:{name}" for service, names in listed.items() for name in names) | {
        f"{service}:{name}" for service, calls in coarse.items() for name in calls.values()
    }
