"""Evaluates whether policies allow a recorded request: action, resources and conditions, as far as they are known.

With unknown values the answer is "perhaps", with the keys that it depends on.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from installation.permissions.conditions import ConditionResult, evaluate
from installation.permissions.variables import substituted, variables
from installation.permissions.wildcards import covers
from ops.iam.review.condition_keys import RecordedValues
from ops.iam.review.narrowing import meeting, without_references
from ops.iam.review.policies import Policy, Statement
from ops.iam.review.resources import Spellings

_NONE: Final[frozenset[str]] = frozenset()
NOT_RESOURCE: Final = "NotResource"
_RESOURCE: Final = "the resource"


class Answer(IntEnum):
    """The answer of policies to a request."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True)
class Verdict:
    """The answer of policies to a request, with its reasons."""

    answer: Answer  # whether they allow it
    unknown: frozenset[str] = _NONE  # the unknown keys that it depends on
    statements: frozenset[str] = _NONE  # the statements with these keys


@dataclass(frozen=True)
class StatementScope:
    """The resources of a statement, for one request."""

    pattern: str  # pattern of the resources
    unknown: frozenset[str]  # unknown keys that decide whether the statement applies; empty where it does
    title: str  # the statement, for people
    excluded: tuple[str, ...] = ()  # excluded resources (NotResource)


def condition_result(statement: Statement, recorded: RecordedValues) -> ConditionResult:
    """Whether the conditions of a statement are true for a request."""
    return evaluate(statement.comparisons, recorded.values, with_variables=statement.variables)


def reaches(policies: Iterable[Policy], recorded: RecordedValues, *, allowing: bool) -> tuple[StatementScope, ...]:
    """The resources of the allowing or the denying statements of policies, for one request."""
    alike = (it for policy in policies for it in policy.statements if it.allows is allowing)
    named = (it for it in alike if it.names(recorded.permission))
    return tuple(reach for statement in named for reach in _statement_scopes(statement, recorded))


def allowed(spellings: Spellings | None, scopes: Iterable[StatementScope]) -> Verdict:
    """Whether any allowing statement covers a resource of a request.

    Where the resource is not known (None), any allowing statement may allow it.
    """
    undecided: list[StatementScope] = []
    for reach in scopes:
        unknown = _applies_to(spellings, reach)
        if unknown is None:
            continue
        if not unknown:
            return Verdict(Answer.YES)
        undecided.append(StatementScope(reach.pattern, unknown, reach.title))
    return _undecided_verdict(undecided) if undecided else Verdict(Answer.NO)


def covered(resources: Iterable[str], scopes: Iterable[StatementScope]) -> Verdict:
    """Whether all of some resources are allowed, for certain or perhaps."""
    scopes = tuple(scopes)
    undecided: list[StatementScope] = []
    for resource in resources:
        over = [reach for reach in scopes if covers(reach.pattern, resource)]
        answers = [allowed((resource,), (reach,)) for reach in over]
        if any(one.answer is Answer.YES for one in answers):
            continue
        depending = [
            StatementScope(reach.pattern, answer.unknown, reach.title)
            for reach, answer in zip(over, answers, strict=True)
            if answer.answer is Answer.PERHAPS
        ]
        if not depending:
            return Verdict(Answer.NO)
        undecided += depending
    return _undecided_verdict(undecided) if undecided else Verdict(Answer.YES)


def not_denied(spellings: Spellings | None, denials: Iterable[StatementScope]) -> Verdict:
    """Whether no denying statement applies to a request."""
    undecided: list[StatementScope] = []
    for reach in denials:
        if spellings is None:
            unknown_keys = reach.unknown if _is_everything(reach) else reach.unknown | {_RESOURCE}
        elif all(covers(reach.pattern, one) for one in spellings) and not reach.excluded:
            unknown_keys = reach.unknown
        elif (found := _applies_to(spellings, reach)) is None:
            continue
        else:
            # The resource is known only as a pattern, of which the denial covers a part.
            unknown_keys = found if reach.excluded else found | {_RESOURCE}
        if not unknown_keys:
            return Verdict(Answer.NO)
        undecided.append(StatementScope(reach.pattern, unknown_keys, reach.title))
    return _undecided_verdict(undecided) if undecided else Verdict(Answer.YES)


def combined(*verdicts: Verdict) -> Verdict:
    """The answer where all verdicts must allow."""
    answer = min(one.answer for one in verdicts)
    if answer is not Answer.PERHAPS:
        return Verdict(answer)
    unknown = frozenset().union(*(one.unknown for one in verdicts))
    return Verdict(answer, unknown, frozenset().union(*(one.statements for one in verdicts)))


def _statement_scopes(statement: Statement, recorded: RecordedValues) -> Iterator[StatementScope]:
    holds = condition_result(statement, recorded)
    if holds.holds is False:
        return
    excluded: list[str] = []
    unknown_keys = holds.unknown
    for written in statement.excluded:
        pattern, more = _pattern(written, statement, recorded)
        unknown_keys |= more
        excluded.append(pattern)
    for written in statement.resources:
        pattern, more = _pattern(written, statement, recorded)
        yield StatementScope(pattern, unknown_keys | more, statement.title, tuple(excluded))


def _pattern(text_of_statement: str, statement: Statement, recorded: RecordedValues) -> tuple[str, frozenset[str]]:
    """A resource of a policy as a pattern for one request, with its unknown keys or references."""
    pattern = without_references(text_of_statement)
    if "${" not in pattern:
        return pattern, _NONE
    names = variables(pattern)
    references = frozenset(f"${{{name}}}" for name in names if ":" not in name or "::" in name)
    if references or not statement.variables:
        return "*", references or frozenset((text_of_statement,))
    text = substituted(pattern, recorded.values, as_pattern=True)
    if not isinstance(text, str):
        return "*", text or frozenset(names)
    # A wildcard in a value is a plain character, which a pattern here cannot express.
    return ("*", frozenset(names)) if "${" in text else (text, _NONE)


def _applies_to(spellings: Spellings | None, reach: StatementScope) -> frozenset[str] | None:
    """The unknown keys that decide whether a statement applies to a resource; None where it does not."""
    if spellings is None:
        return reach.unknown if _is_everything(reach) else reach.unknown | {_RESOURCE}
    met = [one for one in spellings if meeting(one, reach.pattern) is not None]
    if not met or all(any(covers(pattern, one) for pattern in reach.excluded) for one in met):
        return None
    if any(meeting(one, pattern) is not None for one in met for pattern in reach.excluded):
        return reach.unknown | {NOT_RESOURCE}
    return reach.unknown


def _is_everything(reach: StatementScope) -> bool:
    return reach.pattern == "*" and not reach.excluded


def _undecided_verdict(scopes: Collection[StatementScope]) -> Verdict:
    unknown = frozenset().union(*(one.unknown for one in scopes))
    return Verdict(Answer.PERHAPS, unknown, frozenset(one.title for one in scopes))
