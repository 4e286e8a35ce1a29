"""Whether the conditions of a role's policies held for the role's calls."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ops.iam.review.evaluation import condition_result
from ops.iam.review.policies import Policies, Statement
from ops.iam.review.usage import Usage
from ops.iam.review.visibility import unobservable_reason
from ops.templates.values import Json


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
            *([f"held for {_calls(self.held)}"] if self.held else ()),
            *([f"did not hold for {_calls(self.not_held)}"] if self.not_held else ()),
            *([f"not known for {_calls(self.unknown)} ({', '.join(self.unknown_keys)})"] if self.unknown else ()),
        ]
        kept = "kept as it is"
        if not self.allows:
            kept = "kept, as every denial"
        elif self.never:
            kept = f"kept, without what was used and never under it: {', '.join(self.never)}"
        return f"{', '.join(counts) or 'no authorized call of its actions'}; {kept}"


def _calls(number: int) -> str:
    return f"{number:,} call{'' if number == 1 else 's'}"


@dataclass
class _Counts:
    calls: Counter[bool | None] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    by_permission: dict[str, set[bool | None]] = field(default_factory=lambda: defaultdict(set))


def conditions_used(policies: Policies, usage: Usage) -> tuple[ConditionUse, ...]:
    """All statements with conditions, of the role's own policies and of its boundary."""
    implicit = usage.implicit()
    return tuple(
        _condition_use(statement, usage, frozenset(implicit))
        for statement in (*policies.statements, *policies.limits)
        if statement.conditional
    )


def _condition_use(statement: Statement, usage: Usage, implicit: frozenset[str]) -> ConditionUse:
    found = _Counts()
    for call in usage.authorized:
        for permission in filter(statement.names, call.checked.certain):
            answer = condition_result(statement, call.recorded(permission))
            found.calls[answer.holds] += call.count
            found.keys |= answer.unknown
            found.by_permission[permission].add(answer.holds)
    return ConditionUse(
        statement=statement.title,
        allows=statement.allows,
        condition=statement.content.get("Condition"),
        held=found.calls[True],
        not_held=found.calls[False],
        unknown=found.calls[None],
        unknown_keys=tuple(sorted(found.keys)),
        never=tuple(
            permission
            for permission, answers in sorted(found.by_permission.items())
            if statement.allows
            and answers == {False}
            and permission not in implicit
            and not unobservable_reason(permission)
        ),
    )
