"""The permission review of one role: records, policies, groups, proposal and proof."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from installation.aws_facts.limits import INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS
from ops.iam.review import catalogue
from ops.iam.review.files import Problem
from ops.iam.review.groups import Group, Membership, count, divide
from ops.iam.review.policies import Policies, Statement
from ops.iam.review.proposal import ConditionUse, conditions_used, propose, size
from ops.iam.review.query import Window
from ops.iam.review.replay import Proof, prove
from ops.iam.review.usage import Coverage, Outcome, Unmapped, Usage
from ops.templates.values import Map

# A month; the command's default window has 31 days, which always include a month's end.
LEAST_DAYS = 30
_GLOBAL_REGION = "us-east-1"


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
    statements, limits = policies.statements, policies.limits
    allowing = [one for one in statements if one.allows]
    allowed = _union(allowing)
    effective = allowed & _union(one for one in limits if one.allows) if policies.boundary else allowed
    actions = effective - _union(one for one in (*statements, *limits) if one.denies_always)
    written = (f"NOT {pattern}" if one.negated else pattern for one in allowing for pattern in one.patterns)
    patterns = tuple(dict.fromkeys(written))
    return GrantedActions(
        actions=actions,
        patterns=patterns,
        wildcards={
            pattern: len(catalogue.expand(pattern) & actions)
            for pattern in patterns
            if not pattern.startswith("NOT ") and any(sign in pattern for sign in "*?")
        },
        unknown=tuple(dict.fromkeys(it for one in allowing for it in one.patterns if it in one.unknown)),
        cut=len(allowed) - len(effective),
        denied=len(effective) - len(actions),
        flagged=tuple(_flag(one) for one in (*statements, *limits) if _depends_on_request(one)),
    )


def _union(statements: Iterable[Statement]) -> frozenset[str]:
    return frozenset[str]().union(*(statement.actions for statement in statements))


def _depends_on_request(statement: Statement) -> bool:
    return statement.conditional if statement.allows else not statement.denies_always


def _flag(statement: Statement) -> str:
    how = "under conditions" if statement.conditional else "on some resources"
    said = f"{statement.sid} " if statement.sid else ""
    return f"{statement.source}: {said}{statement.verb} {how}: {statement.listed(4)}"


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the window."""

    day: date
    calls: int  # authorized calls of the role
    used: int  # permissions that they have certainly checked
    used_so_far: int  # granted permissions used since the beginning of the window


@dataclass(frozen=True, kw_only=True)
class ActionResources:
    """The resources on which an action was used."""

    action: str
    resources: Mapping[str, int]  # authorized calls by ARN; ``*`` in an ARN is a part that the records do not have
    unknown: int  # authorized calls whose resources are not known


@dataclass(frozen=True, kw_only=True)
class Review:
    """The review of a role: what it is granted, and what it used."""

    role: str  # as given by the caller
    role_arns: tuple[str, ...]  # matching roles in the records
    window: Window  # the days of the review
    records: str  # origin of the records
    coverage: Coverage  # what the records cover
    policies_from: str  # origin of the policies
    policies_known: bool  # whether any policy is known
    catalogue: str  # catalogues and their versions, which decide what a wildcard matches
    patterns: tuple[str, ...]  # allowed actions as written
    wildcards: dict[str, int]  # patterns with wildcards, and how many granted actions each matches
    flagged: tuple[str, ...]  # statements whose effect depends on a request
    boundary: bool  # whether the role has a boundary
    cut_by_boundary: int  # allowed actions that the boundary does not permit
    denied: int  # further actions that are denied for every request
    unknown_actions: tuple[str, ...]  # actions as written that the catalogue does not know
    members: tuple[Membership, ...]  # every granted action with its group
    not_granted: dict[str, int]  # used permissions that no known policy grants, with their calls
    errors: dict[str, int]  # events of the role by error class
    unmapped: tuple[Unmapped, ...]  # events of the role without a known permission
    days: tuple[Day, ...]  # the window by day
    used_on: tuple[ActionResources, ...]  # resources of each used action that can be limited to resources
    proposed: Map  # the proposed policy
    proposed_narrowed: int  # how many of its statements have narrower resources than today's
    proposed_characters: int  # its length as IAM counts it
    conditions: tuple[ConditionUse, ...]  # statements with conditions, and the calls for which they held
    proof: Proof  # the replay of the proposed policy
    problems: tuple[Problem, ...]  # files that could not be used
    policy_problems: tuple[str, ...]  # policies that could not be read
    warnings: tuple[str, ...]  # notes for the reader

    @property
    def groups(self) -> dict[Group, int]:
        """The number of actions in each group."""
        return count(self.members)

    @property
    def services(self) -> dict[str, dict[Group, int]]:
        """The same by service, the service with most actions first."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for member in self.members:
            found[member.service].append(member)
        return {name: count(found[name]) for name in sorted(found, key=lambda one: (-len(found[one]), one))}

    @property
    def reduction(self) -> float:
        """The share of granted actions that could be removed: unused and denied ones."""
        groups = self.groups
        return (groups[Group.UNUSED] + groups[Group.DENIED_ONLY]) / len(self.members) if self.members else 0.0

    @property
    def unmapped_events(self) -> int:
        """The number of events of the role without a known permission."""
        return sum(one.count for one in self.unmapped)

    @property
    def complete(self) -> bool:
        """Whether every file and every policy could be read."""
        return not self.policy_problems and not any(problem.serious for problem in self.problems)


def review(
    role: str,
    *,
    window: Window,
    records: str,
    usage: Usage,
    policies: Policies,
    problems: tuple[Problem, ...] = (),
) -> Review:
    """Compare what a role is granted with what it used."""
    grants = granted(policies)
    members = divide(grants.actions, usage)
    conditions = conditions_used(policies, usage)
    proposal = propose(policies, members, usage, conditions)
    characters = size(proposal.document)
    uses = usage.permissions(Outcome.AUTHORIZED)
    return Review(
        role=role,
        role_arns=usage.issuers,
        window=window,
        records=records,
        coverage=usage.coverage,
        policies_from=policies.source,
        policies_known=policies.known,
        catalogue=catalogue.version(),
        patterns=grants.patterns,
        wildcards=grants.wildcards,
        flagged=grants.flagged,
        boundary=policies.boundary is not None,
        cut_by_boundary=grants.cut,
        denied=grants.denied,
        unknown_actions=grants.unknown,
        members=members,
        not_granted={action: uses[action] for action in sorted(uses) if action not in grants.actions},
        errors=usage.errors,
        unmapped=usage.unmapped,
        days=_days(usage, grants.actions),
        used_on=tuple(_resources_by_action(usage)),
        proposed=proposal.document,
        proposed_narrowed=proposal.narrowed,
        proposed_characters=characters,
        conditions=conditions,
        proof=prove(policies, proposal.document, usage),
        problems=problems,
        policy_problems=policies.problems,
        warnings=tuple(_warnings(window, usage, policies, characters)),
    )


def _days(usage: Usage, granted_actions: frozenset[str]) -> tuple[Day, ...]:
    calls: dict[date, int] = defaultdict(int)
    by_day: dict[date, set[str]] = defaultdict(set)
    for call in usage.authorized:
        calls[call.day] += call.count
        by_day[call.day] |= call.checked.certain
    seen: set[str] = set()
    days = []
    for day in sorted(calls):
        seen |= by_day[day] & granted_actions
        days.append(Day(day=day, calls=calls[day], used=len(by_day[day]), used_so_far=len(seen)))
    return tuple(days)


def _resources_by_action(usage: Usage) -> Iterator[ActionResources]:
    for action, use in usage.uses().items():
        calls: Counter[str] = Counter()
        for spellings, number in use.calls.items():
            calls[spellings[0]] += number
        yield ActionResources(action=action, resources=dict(calls), unknown=use.unknown)


def _warnings(window: Window, usage: Usage, policies: Policies, characters: int) -> Iterator[str]:
    coverage = usage.coverage
    reached = (coverage.last - coverage.first).days + 1 if coverage.first and coverage.last else 0
    if min(window.days, reached) < LEAST_DAYS:
        yield (
            f"The records reach over {reached} of {window.days} days. Below {LEAST_DAYS} days, what is needed once a "
            "month looks unused."
        )
    if coverage.outside:
        yield (
            f"{coverage.outside:,} events of the role lie outside of the window ({window.first} to {window.last}) and "
            "count for nothing; --days and --until move it."
        )
    if not coverage.role_events:
        yield "The role has no events in the window, so everything that can be seen looks unused."
    if len(usage.issuers) > 1:
        yield f"The name fits {len(usage.issuers)} roles; give an ARN to review one of them."
    if not policies.known:
        yield "The role's policies are not known, so nothing is said about what it is granted."
    yield from _lacking(coverage)
    yield (
        "Service control policies, resource policies and session policies are not looked at; they may allow or refuse "
        "more than is said here."
    )
    if characters > MANAGED_POLICY_CHARACTERS:
        yield (
            f"The proposed policy has {characters:,} characters. A managed policy takes {MANAGED_POLICY_CHARACTERS:,}, "
            f"the own ones of a role {INLINE_POLICIES_CHARACTERS:,} together: divide it, or write patterns."
        )


def _lacking(coverage: Coverage) -> Iterator[str]:
    """What the records have no events of."""
    for kind, lacking, verb in (("write", "reading", "reads"), ("read", "writing", "writes")):
        if coverage.management == {f"management {kind}"}:
            yield (
                f"There are no {lacking} calls in the records: the trail may be told to leave them out, so whatever "
                f"{verb} is unobservable."
            )
    if _GLOBAL_REGION not in coverage.regions:
        yield (
            f"There are no events of {_GLOBAL_REGION} in the records, where those of global services are (IAM, STS, "
            "CloudFront, Route 53 and others): what only they show is unobservable."
        )
    if not any(selector.startswith("data") for selector in coverage.selectors):
        yield "There are no data events in the records: what only they show is unobservable."
