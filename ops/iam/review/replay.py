"""Replays every authorized call of the window against a proposed policy.

It evaluates actions always, resources where they are known, conditions where the records have the values of their keys.
Calls that depend on anything else are listed and prove nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from ops.iam.review.evaluation import Answer, StatementScope, Verdict, allowed, combined, covered, not_denied, reaches
from ops.iam.review.narrowing import meeting
from ops.iam.review.policies import Policies, Policy, parse
from ops.iam.review.resources import Spellings, about, can_be_limited
from ops.iam.review.usage import Call, Usage
from ops.templates.values import Map

_NAME = "proposed"


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """Authorized calls that the proposed policy may allow, depending on values that the records do not have."""

    permission: str  # the permission that they need
    keys: tuple[str, ...]  # the condition keys and other values that are not known
    statements: tuple[str, ...]  # the statements with these keys
    calls: int  # number of calls
    as_today: int  # how many of them depend on the same keys today, so that the proposal changes nothing

    @property
    def text(self) -> str:
        """One line for people, without the number of calls."""
        same = ", as today" if self.as_today == self.calls else ""
        return f"{self.permission} depends on {', '.join(self.keys)}{same} ({'; '.join(self.statements)})"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Authorized calls that a policy would refuse."""

    event: str  # source and name
    permission: str  # the missing permission
    calls: int  # number of calls
    resource: str = ""  # the resource on which it is missing; empty where it is missing entirely

    @property
    def text(self) -> str:
        """One line for people, without the number of calls."""
        return f"{self.event} needs {self.permission}" + (f" on {self.resource}" if self.resource else "")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The result of replaying all authorized calls of the window."""

    events: int  # replayed calls
    on_resources: int  # calls with all resources known that their permissions can be limited to
    conditional: int  # calls to which a statement with conditions applies
    # Permissions that depend on condition keys that the records do not have: these are not proved.
    undecided: tuple[Undecided, ...]
    undecided_calls: int  # calls that need one of them
    undecided_as_today: int  # how many of these depend only on the same keys as under today's policies
    proved: int  # calls that the proposed policy certainly allows
    refused_calls: int  # calls that it refuses and today's policies allow
    already_refused: int  # calls that today's policies would refuse as well
    refused: tuple[Refused, ...]  # calls that today's policies allow and the proposed one refuses; must be none
    # Calls that were authorized although today's policies would refuse them: the policies have changed since, one could
    # not be read, or a resource's own policy allows it. No proposal can keep them.
    refused_today: tuple[Refused, ...]

    @property
    def holds(self) -> bool:
        """Whether no call that works today is known to be refused."""
        return not self.refused

    @property
    def text(self) -> str:
        """What was replayed, and the result, for people."""
        answers = [f"{self.refused_calls:,} refused", f"{self.proved:,} allowed for certain"]
        if self.undecided_calls:
            same = f" ({self.undecided_as_today:,} of them as today)" if self.undecided_as_today else ""
            answers.append(f"{self.undecided_calls:,} undecided, because the records do not say enough{same}")
        if self.already_refused:
            answers.append(f"{self.already_refused:,} refused by today's policies as well")
        return (
            f"{self.events:,} authorized calls were tried against the proposed policy, within the boundary: "
            f"{', '.join(answers)}. All actions were replayed, and all resources of {self.on_resources:,} calls. "
            f"Statements with conditions are about {self.conditional:,} of the calls."
        )


@dataclass(frozen=True)
class _Finding:
    """The result for one permission of a call, on one resource."""

    permission: str
    resource: str
    today: bool
    verdict: Verdict
    as_today: bool = False


def _findings(policies: Policies, proposed: Policy, call: Call) -> Iterator[_Finding]:
    """The permissions of a call that today's or the proposed policy, with the boundary, refuses or perhaps refuses."""
    boundary = (policies.boundary,) if policies.boundary else ()
    for permission in sorted(call.checked.certain):
        recorded = call.recorded(permission)
        today = reaches(policies.identity, recorded, allowing=True) if policies.known else None
        then = reaches((proposed,), recorded, allowing=True)
        limits = reaches(boundary, recorded, allowing=True)
        denials = reaches((*policies.identity, *boundary), recorded, allowing=False)
        new_denials = reaches((proposed, *boundary), recorded, allowing=False)
        for spellings in sorted(about(permission, call.request) or ()) or (None,):
            resource = spellings[0] if spellings else ""
            limit_verdict = allowed(spellings, limits) if boundary else Verdict(Answer.YES)
            granted = Verdict(Answer.YES) if today is None else allowed(spellings, today)
            before = combined(granted, limit_verdict, not_denied(spellings, denials))
            if before.answer is Answer.NO:
                yield _Finding(permission, resource, today=True, verdict=before)
                continue
            kept = _allows_same_part(spellings, today, then)
            after = combined(kept, limit_verdict, not_denied(spellings, new_denials))
            if after.answer is not Answer.YES:
                same = before.answer is Answer.PERHAPS and after.unknown <= before.unknown
                yield _Finding(permission, resource, today=False, verdict=after, as_today=same)


def _allows_same_part(
    spellings: Spellings | None, today: tuple[StatementScope, ...] | None, then: tuple[StatementScope, ...]
) -> Verdict:
    """Whether the proposed policy allows the whole part of a resource that today's policies, if known, allow."""
    if spellings is None:
        return allowed(None, then)
    if today is None:
        return covered(spellings, then)
    needed = (both for reach in today for one in spellings if (both := meeting(one, reach.pattern)) is not None)
    return covered(tuple(dict.fromkeys(needed)), then)


def prove(policies: Policies, proposed: Map, usage: Usage) -> Proof:
    """Evaluate both policies for every authorized call, by comparing texts, without the catalogue."""
    policy = parse(proposed, _NAME)
    totals = _Totals()
    for call in usage.authorized:
        certain = call.checked.certain
        totals.counts["events"] += call.count
        if all(about(one, call.request) is not None for one in certain if can_be_limited(one)):
            totals.counts["on_resources"] += call.count
        if _is_conditional(policies, certain):
            totals.counts["conditional"] += call.count
        totals.add(call, tuple(_findings(policies, policy, call)))
    return Proof(
        events=totals.counts["events"],
        on_resources=totals.counts["on_resources"],
        conditional=totals.counts["conditional"],
        undecided=tuple(_undecided_calls(*one) for one in sorted(totals.depending.items(), key=itemgetter(0))),
        undecided_calls=totals.counts["undecided"],
        undecided_as_today=totals.counts["as today"],
        proved=totals.counts["proved"],
        refused_calls=totals.counts["refused"],
        already_refused=totals.counts["already"],
        refused=_refused_calls(totals.refused),
        refused_today=_refused_calls(totals.refused_today),
    )


@dataclass
class _Totals:
    """The sums of the replay."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refused_today: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    # By permission the undecided calls, with their number and findings.
    depending: dict[str, list[tuple[int, list[_Finding]]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, call: Call, findings: tuple[_Finding, ...]) -> None:
        refused_findings = [one for one in findings if one.verdict.answer is Answer.NO]
        for one in refused_findings:
            counter = self.refused_today if one.today else self.refused
            counter[f"{call.source} {call.name}", one.permission, one.resource] += call.count
        undecided = [one for one in findings if one.verdict.answer is Answer.PERHAPS]
        self.counts[_answer(refused_findings, undecided)] += call.count
        if undecided and not refused_findings and all(one.as_today for one in undecided):
            self.counts["as today"] += call.count
        for permission in {one.permission for one in undecided}:
            matching = [one for one in undecided if one.permission == permission]
            self.depending[permission].append((call.count, matching))


def _answer(refused: Sequence[_Finding], undecided: Sequence[_Finding]) -> str:
    """The answer of a call, which is counted once."""
    if refused:
        return "already" if all(one.today for one in refused) else "refused"
    return "undecided" if undecided else "proved"


def _undecided_calls(permission: str, calls_with_findings: Sequence[tuple[int, list[_Finding]]]) -> Undecided:
    """The undecided calls of a permission, summed up."""
    verdicts = [one.verdict for _, findings in calls_with_findings for one in findings]
    return Undecided(
        permission=permission,
        keys=tuple(sorted(frozenset[str]().union(*(one.unknown for one in verdicts)))),
        statements=tuple(sorted(frozenset[str]().union(*(one.statements for one in verdicts)))),
        calls=sum(calls for calls, _ in calls_with_findings),
        as_today=sum(calls for calls, findings in calls_with_findings if all(one.as_today for one in findings)),
    )


def _is_conditional(policies: Policies, permissions: frozenset[str]) -> bool:
    return any(
        statement.conditional and statement.names(permission)
        for statement in (*policies.statements, *policies.limits)
        for permission in permissions
    )


def _refused_calls(found: Counter[tuple[str, str, str]]) -> tuple[Refused, ...]:
    return tuple(
        Refused(event=event, permission=permission, resource=resource, calls=calls)
        for (event, permission, resource), calls in sorted(found.items())
    )
