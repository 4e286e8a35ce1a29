"""What a role is granted: what its policies allow, limited by its boundary, without what is always denied."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops.iam.review import catalogue
from ops.iam.review.policies import Policies, Statement


@dataclass(frozen=True, kw_only=True)
class GrantedActions:
    """The granted actions of policies."""

    actions: frozenset[str]  # all granted actions, on any resource, under any conditions
    patterns: tuple[str, ...]  # the actions of allowing statements as they are written
    wildcards: dict[str, int]  # patterns that match several actions, with the number of granted ones
    # Actions as written that the catalogue does not know: they do not exist, or are newer.
    unknown: tuple[str, ...]
    cut: int  # how many actions the boundary takes away
    denied: int  # how many more are denied for every request
    flagged: tuple[str, ...]  # statements whose effect depends on the request


def granted(policies: Policies) -> GrantedActions:
    """Compute what policies grant."""
    own, limits = policies.statements, policies.limits
    allowed = _union(statement for statement in own if statement.allows)
    effective = allowed & _union(one for one in limits if one.allows) if policies.boundary else allowed
    actions = effective - _union(one for one in (*own, *limits) if one.denies_always)
    patterns = tuple(
        dict.fromkeys(
            f"NOT {pattern}" if one.negated else pattern for one in own if one.allows for pattern in one.patterns
        )
    )
    return GrantedActions(
        actions=actions,
        patterns=patterns,
        wildcards={pattern: len(catalogue.expand(pattern) & actions) for pattern in patterns if _has_wildcard(pattern)},
        unknown=tuple(dict.fromkeys(it for one in own if one.allows for it in one.patterns if it in one.unknown)),
        cut=len(allowed) - len(effective),
        denied=len(effective) - len(actions),
        flagged=tuple(_flag(one) for one in (*own, *limits) if _depends_on_request(one)),
    )


def _union(statements: Iterable[Statement]) -> frozenset[str]:
    return frozenset[str]().union(*(statement.actions for statement in statements))


def _has_wildcard(pattern: str) -> bool:
    return not pattern.startswith("NOT ") and any(sign in pattern for sign in "*?")


def _depends_on_request(statement: Statement) -> bool:
    return statement.conditional if statement.allows else not statement.denies_always


def _flag(statement: Statement) -> str:
    how = "under conditions" if statement.conditional else "on some resources"
    said = f"{statement.sid} " if statement.sid else ""
    return f"{statement.source}: {said}{statement.verb} {how}: {statement.listed(4)}"
