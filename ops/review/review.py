"""The review as data: the changes, the findings about them, and the verdict."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ops.errors import OpsError, UnusableInputError
from ops.review.alarms import alarms
from ops.review.any_type import any_type
from ops.review.behaviors import behaviors
from ops.review.cdk_diff import CdkDiff
from ops.review.changes import Change, Comparison
from ops.review.comparing import compare
from ops.review.container_secrets import container_secrets
from ops.review.cost import CostChange, cost_change, cost_findings, estimate_of
from ops.review.data_at_risk import data_at_risk
from ops.review.diagnostics import NewDiagnostics
from ops.review.duplicate_names import duplicate_names
from ops.review.finding import Finding, Severity, Subject
from ops.review.identities import identities
from ops.review.names_within import named_by_policies, names_within
from ops.review.new_resources import new_resources
from ops.review.permissions import permissions
from ops.review.ports import ports
from ops.review.rate_limits import rate_limits
from ops.review.refused_changes import refused_changes
from ops.review.refused_combinations import refused_combinations
from ops.review.remaining import remaining_differences, undeployed
from ops.review.replacements import replacements
from ops.review.running_month import running_month
from ops.review.sections import sections
from ops.review.stacks import stack_findings
from ops.review.tables import tables
from ops.review.template_conditions import conditional
from ops.review.uses import uses
from ops.templates.assembly import Assembly, Stack, read_assembly

# Each check yields findings about the whole comparison; `remaining_differences` has those that no check judges.
_CHECKS: Final[tuple[Callable[[Comparison], Iterator[Finding]], ...]] = (
    data_at_risk, running_month, permissions, identities, named_by_policies, ports, replacements, stack_findings,
    conditional, sections, alarms, behaviors, rate_limits, tables, refused_changes, refused_combinations,
    names_within, any_type, container_secrets, new_resources, uses, duplicate_names,
)  # fmt: skip
_ORDER = list(Subject)
# They come first in their section.
_FIRST = frozenset({
    "data-deleted", "data-replaced", "destroys", "wildcard-action", "inverted", "escalation", "public",
    "open-to-the-world", "secret-in-template", "trust-widened",
})  # fmt: skip


class Verdict(StrEnum):
    """The result of a review."""

    NOTHING = "nothing to see"
    LOOK = "look"
    RISK = "risk"


@dataclass(frozen=True, kw_only=True)
class Side:
    """The origin of one side."""

    label: str  # the given folder or Git reference
    commit: str = ""  # its commit, empty where it is unknown


@dataclass(frozen=True, kw_only=True)
class Review:
    """A finished review."""

    environment: str  # the environment that both sides were synthesized for
    base: Side  # the side before
    head: Side  # the side after
    accepted: bool  # whether the risks were accepted
    findings: tuple[Finding, ...]  # the findings that are not harmless, the most severe first
    harmless: tuple[Finding, ...]  # differences that a rule judged harmless
    changes: tuple[Change, ...]  # all resources that differ
    added_stacks: tuple[str, ...]  # stacks that are new
    removed_stacks: tuple[str, ...]  # stacks that left the application
    cost: CostChange | None  # the cost of both sides, None where it could not be computed
    cost_problem: str  # why the cost could not be computed
    head_stacks: Mapping[str, Stack]  # the stacks after the change, for lines in their templates
    root: Path  # the checkout, for lines in its source

    @property
    def risks(self) -> tuple[Finding, ...]:
        """The findings that must be accepted."""
        return tuple(it for it in self.findings if it.severity is Severity.RISK)

    @property
    def verdict(self) -> Verdict:
        """The verdict by the findings, regardless of acceptance."""
        return verdict_of(self.findings)

    @property
    def passes(self) -> bool:
        """Whether there are no risks or they are accepted."""
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
    """Review the change from one synthesized application to another; a side without a label gets its folder's name.

    Raises:
        UnusableInputError: a folder is no synthesized application, or a tool is not installed.
        FailedError: one of the tools failed.
    """
    if base_folder.resolve() == head_folder.resolve():
        message = f"{base_folder} and {head_folder} are one folder: nothing would differ"
        raise UnusableInputError(message, "Give two folders.")
    with CdkDiff(root) as cdk_diff:
        before, after = read_assembly(base_folder), read_assembly(head_folder)
        _require_same_application(before, after)
        region = after.region or before.region
        with NewDiagnostics(before, after, region) as diagnostics:
            # Meanwhile CDK's diff and cfn-lint load in their own processes.
            cost, problem = _cost(before, after)
            comparison = compare(before, after, cdk_diff, region)
            findings = [*template_findings(comparison, cost), *diagnostics.findings()]
    return Review(
        environment=after.environment or before.environment,
        base=base or Side(label=str(base_folder)),
        head=head or Side(label=str(head_folder)),
        accepted=accepted,
        findings=tuple(sorted((it for it in findings if it.severity is not Severity.HARMLESS), key=_rank)),
        harmless=tuple(it for it in findings if it.severity is Severity.HARMLESS),
        changes=comparison.changes,
        added_stacks=tuple(name for name in after.stacks if name not in before.stacks),
        removed_stacks=tuple(name for name in before.stacks if name not in after.stacks),
        cost=cost,
        cost_problem=problem,
        head_stacks=after.stacks,
        root=root,
    )


def template_findings(comparison: Comparison, cost: CostChange | None) -> list[Finding]:
    """The findings from the templates alone: every difference is in at least one finding."""
    findings = [finding for check in _CHECKS for finding in check(comparison)]
    findings += remaining_differences(comparison, findings)
    return [*findings, *undeployed(comparison), *cost_findings(comparison, cost)]


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict by the most severe finding."""
    severities = {finding.severity for finding in findings}
    if Severity.RISK in severities:
        return Verdict.RISK
    return Verdict.LOOK if Severity.LOOK in severities else Verdict.NOTHING


def _require_same_application(base: Assembly, head: Assembly) -> None:
    """Refuse sides of different applications: the review would report a removal of everything, or of nothing."""
    if not head.stacks:
        raise UnusableInputError(
            f"{head.folder} holds no stacks: an application that ends is taken down first, with `cdk destroy`",
            "Synthesize the head: `npx cdk synth --quiet -o DIR`. An empty base is an application that begins.",
        )
    pairs = {"project": (base.project, head.project), "environment": (base.environment, head.environment)}
    for subject, (before, after) in pairs.items():
        if base.stacks and before != after:
            raise UnusableInputError(
                f"the {subject} is `{before or 'not said'}` before and `{after or 'not said'}` after: two applications",
                "Synthesize both sides with the same configuration.",
            )


def _rank(finding: Finding) -> tuple[int, int, bool, str, str]:
    return -finding.severity, _ORDER.index(finding.subject), finding.rule not in _FIRST, finding.where, finding.rule


def _cost(base: Assembly, head: Assembly) -> tuple[CostChange | None, str]:
    try:
        return cost_change(estimate_of(base), estimate_of(head)), ""
    except OpsError as error:
        return None, error.problem
