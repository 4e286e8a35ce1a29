"""The review as data: what changes, what a reviewer should know about it, and the verdict."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ops.errors import OpsError
from ops.review.assembly import Assembly, read_assembly
from ops.review.changes import Change, Comparison
from ops.review.comparing import compare
from ops.review.concerns import Concern, Severity, Subject
from ops.review.conditional import conditional
from ops.review.cost import CostChange, cost_change, cost_concerns
from ops.review.data_at_risk import data_at_risk
from ops.review.engine import Engine
from ops.review.exposure import exposure
from ops.review.findings import NewFindings
from ops.review.guards import guards
from ops.review.ports import ports
from ops.review.power import power
from ops.review.replaced import replaced
from ops.review.retention import retention_cut
from ops.review.running_month import running_month
from ops.review.stacks import around_stacks
from ops.review.values import Map, canonical

_SUBJECTS: Final[tuple[Callable[[Comparison], Iterator[Concern]], ...]] = (
    data_at_risk,
    retention_cut,
    running_month,
    power,
    ports,
    exposure,
    guards,
    replaced,
    around_stacks,
    conditional,
)
_ORDER = list(Subject)


class Verdict(StrEnum):
    """What a review comes to."""

    NOTHING = "nothing to see"
    LOOK = "look"
    RISK = "risk"


@dataclass(frozen=True, kw_only=True)
class Side:
    """Where one side comes from.

    Attributes:
        label: the folder or the reference that was given.
        commit: its commit, empty where that is not known.
    """

    label: str
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class Review:
    """A finished review.

    Attributes:
        environment: the environment that both sides were synthesized for.
        base: the side before.
        head: the side after.
        accepted: whether somebody accepted the risks.
        concerns: what to know, the worst of each subject first.
        changes: all resources that differ.
        added_stacks: stacks that are new.
        removed_stacks: stacks that left the application.
        ignored: resources that differ in hashes or metadata only.
        cost: the cost of both sides, None where it could not be computed.
        cost_problem: why it could not.
        templates: the templates after, by stack, for lines in them.
    """

    environment: str
    base: Side
    head: Side
    accepted: bool
    concerns: tuple[Concern, ...]
    changes: tuple[Change, ...]
    added_stacks: tuple[str, ...]
    removed_stacks: tuple[str, ...]
    ignored: int
    cost: CostChange | None
    cost_problem: str
    templates: Mapping[str, Map]

    @property
    def risks(self) -> tuple[Concern, ...]:
        """What has to be accepted."""
        return tuple(it for it in self.concerns if it.severity is Severity.RISK)

    @property
    def verdict(self) -> Verdict:
        """What it comes to, whether or not it was accepted."""
        return verdict_of(self.concerns)

    @property
    def passes(self) -> bool:
        """Whether nothing is left to accept."""
        return self.verdict is not Verdict.RISK or self.accepted


def review(
    base_folder: Path,
    head_folder: Path,
    *,
    root: Path,
    base: Side | None = None,
    head: Side | None = None,
    accepted: bool = False,
) -> Review:
    """Review the change from one synthesized application to another.

    Args:
        base_folder: ``cdk.out`` before the change.
        head_folder: ``cdk.out`` after it.
        root: the checkout with ``node_modules``.
        base: where the base comes from, by default the folder.
        head: where the head comes from, by default the folder.
        accepted: whether somebody accepted the risks.

    Raises:
        UnusableInputError: a folder is no synthesized application, or a tool is not installed.
        FailedError: one of the tools failed.
    """
    with Engine(root) as engine:
        before, after = read_assembly(base_folder), read_assembly(head_folder)
        region = after.region or before.region
        with NewFindings(before, after, region) as findings:
            # The engine and cfn-lint are still loading in their own processes.
            cost, problem = _cost(before, after)
            comparison = compare(before, after, engine, region)
            concerns = [*judged(comparison, cost), *findings.concerns()]
    return Review(
        environment=after.environment or before.environment,
        base=base or Side(label=str(base_folder)),
        head=head or Side(label=str(head_folder)),
        accepted=accepted,
        concerns=tuple(sorted(concerns, key=_rank)),
        changes=comparison.changes,
        added_stacks=tuple(name for name in after.stacks if name not in before.stacks),
        removed_stacks=tuple(name for name in before.stacks if name not in after.stacks),
        ignored=_ignored(comparison),
        cost=cost,
        cost_problem=problem,
        templates={name: stack.template for name, stack in after.stacks.items()},
    )


def judged(comparison: Comparison, cost: CostChange | None) -> list[Concern]:
    """What can be told from the templates alone, over all subjects."""
    concerns = [concern for subject in _SUBJECTS for concern in subject(comparison)]
    return [*concerns, *cost_concerns(comparison, cost)]


def verdict_of(concerns: Iterable[Concern]) -> Verdict:
    """What concerns come to."""
    severities = {concern.severity for concern in concerns}
    if Severity.RISK in severities:
        return Verdict.RISK
    return Verdict.LOOK if severities else Verdict.NOTHING


def _rank(concern: Concern) -> tuple[int, int, str, str]:
    return -concern.severity, _ORDER.index(concern.subject), concern.where, concern.rule


def _cost(base: Assembly, head: Assembly) -> tuple[CostChange | None, str]:
    try:
        return cost_change(base, head), ""
    except OpsError as error:
        return None, error.problem


def _ignored(comparison: Comparison) -> int:
    """Resources whose raw definitions differ while nothing of them is a change."""
    known = {(change.stack, change.logical_id) for change in comparison.changes}
    before = comparison.base.stacks
    return sum(
        (name, logical_id) not in known and canonical(resource) != canonical(before[name].resources.get(logical_id))
        for name, stack in comparison.head.stacks.items()
        if name in before
        for logical_id, resource in stack.resources.items()
    )
