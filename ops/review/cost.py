"""The difference in cost per month, by the estimates of both sides."""

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.review.changes import Comparison, Kind, Place
from ops.review.data import TYPES
from ops.review.finding import EVERYWHERE, Finding, Severity, Subject, about, look, risk
from ops.templates.assembly import Assembly
from ops.templates.resource_types import SCALABLE_TARGET
from ops.templates.values import Json, at, number

if TYPE_CHECKING:
    from ops.cost.estimation import Line, NotPriced

# An increase of at least so many US dollars a month must be accepted. A stopped month shall cost at most 5 in total.
# A running month costs about 66 USD, and its budget warns from 40 on: half of the budget needs the reviewer's consent.
NOTABLE_RUNNING: Final = 25.0
NOTABLE_STOPPED: Final = 0.5
_ROUNDED = 0.005
_BUDGET: Final = "AWS::Budgets::Budget"
# Below these the estimate is not exact enough to show a difference.
_SMALL_RUNNING, _SMALL_STOPPED = 0.5, 0.1


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """US dollars a month, before tax."""

    running: float = 0.0
    stopped: float = 0.0


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """The cost of both sides."""

    before: Amounts  # the sum of all stacks
    after: Amounts  # the sum of all stacks
    stacks: Mapping[str, tuple[Amounts, Amounts]]  # before and after by stack, those that differ
    not_priced: tuple[str, ...] = ()  # construct paths of new resources without a known price
    # Cost of a running month with the most tasks that scaling may start, before and after; None without scaling.
    at_most: tuple[float, float] | None = None
    budget: float = 0.0  # the limit of the head's budget, 0 without a budget
    priced_in: str = ""  # the region of the prices, where it differs from the stacks' region

    @property
    def priced(self) -> str:
        """The region of the prices, as words for a message; empty where it is the stacks' region."""
        return f" (prices of {self.priced_in})" if self.priced_in else ""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of one side."""

    resources: Mapping[tuple[str, str], Amounts]  # by stack and construct path, resources that cost something
    not_priced: tuple[str, ...]  # construct paths of resources without a known price
    # Additional cost of a running month with the most tasks that scaling may start; None without scaling.
    scaled_out: float | None = None
    budget: float = 0.0  # the highest limit of its budgets, 0 without a budget
    priced_in: str = ""  # the region of the prices, where it differs from the stacks' region

    def stacks(self, excluded: Set[str]) -> dict[str, Amounts]:
        """The sums by stack, without the resources of the given construct paths."""
        found: dict[str, Amounts] = {}
        for (stack, path), it in self.resources.items():
            if path not in excluded:
                found[stack] = _sum([found.get(stack, Amounts()), it])
        return found


def estimate_of(side: Assembly) -> Estimate:
    """Estimate the cost of one side.

    Raises:
        UnusableInputError: the estimate cannot read the side's templates.
    """
    from ops.cost.estimation import estimate_templates

    if not side.stacks:
        return Estimate(resources={}, not_priced=())
    templates = {name: it.template for name, it in side.stacks.items()}
    result = estimate_templates(templates)
    scales = any(_properties_of_type(side, SCALABLE_TARGET))
    resources: dict[tuple[str, str], Amounts] = {}
    for line in result.lines:
        key = line.stack, _path(side, line)
        amounts = Amounts(running=line.cost.running, stopped=line.cost.stopped)
        resources[key] = _sum([resources.get(key, Amounts()), amounts])
    budgets = _properties_of_type(side, _BUDGET)
    most = estimate_templates(templates, at_most=True).total.running if scales else None
    return Estimate(
        resources=resources,
        not_priced=tuple(_path(side, it) for it in result.not_priced),
        scaled_out=None if most is None else most - result.total.running,
        priced_in=result.region if side.region not in ("", result.region) else "",
        budget=max((number(at(it, "Budget", "BudgetLimit", "Amount")) or 0.0 for it in budgets), default=0.0),
    )


def _path(side: Assembly, it: "Line | NotPriced") -> str:
    return side.stacks[it.stack].path(it.resource) if it.stack in side.stacks else f"{it.stack}/{it.resource}"


def _properties_of_type(side: Assembly, resource_type: str) -> list[Json]:
    found = (resource for stack in side.stacks.values() for resource in stack.resources.values())
    return [it.get("Properties") for it in found if it.get("Type") == resource_type]


def cost_change(base: Estimate, head: Estimate) -> CostChange:
    """Compare both sides, without resources whose price a side lacks: a missing price would look like 0."""
    not_priced_before, unknown = set(base.not_priced), {*base.not_priced, *head.not_priced}
    before, after = base.stacks(unknown), head.stacks(unknown)
    total_before, total_after = _sum(before.values()), _sum(after.values())
    at_most = None
    if head.scaled_out is not None:
        at_most = total_before.running + (base.scaled_out or 0.0), total_after.running + head.scaled_out
    pairs = {it: (before.get(it, Amounts()), after.get(it, Amounts())) for it in dict.fromkeys([*before, *after])}
    return CostChange(
        before=total_before,
        after=total_after,
        stacks={name: pair for name, pair in pairs.items() if _differs(*pair)},
        not_priced=tuple(path for path in head.not_priced if path not in not_priced_before),
        at_most=at_most,
        budget=head.budget,
        priced_in=head.priced_in,
    )


def cost_findings(comparison: Comparison, change: CostChange | None) -> Iterator[Finding]:
    """Findings about a change's cost."""
    hourly = {it.path: it for it in comparison.changes if it.kind is Kind.ADDED and it.type in TYPES.by_the_hour}
    for it in hourly.values():
        if comparison.head.stacks[it.stack].lifecycle == "persistent":
            message = f"is billed by the hour (`{it.type}`) in a persistent stack: in stopped months too"
            yield risk(it, Subject.COST, "bills-when-stopped", message)
    for path in change.not_priced if change else ():
        place = Place(stack=path.partition("/")[0], logical_id="", path=path)
        message = "costs money, and no price is known for it: the sums of this report are without it"
        if path in hourly:
            yield risk(place, Subject.COST, "costly", f"{message}; it is paid for by the hour, used or not")
        else:
            yield look(place, Subject.COST, "no-price", message)
    yield from _beyond_the_budget(change)
    if change is None or not _differs(change.before, change.after):
        return
    running = round(change.after.running - change.before.running, 2)  # in cents, as in the message
    stopped = round(change.after.stopped - change.before.stopped, 2)
    notable = running >= NOTABLE_RUNNING or stopped >= NOTABLE_STOPPED
    small = abs(running) < _SMALL_RUNNING and abs(stopped) < _SMALL_STOPPED
    severity = Severity.RISK if notable else Severity.HARMLESS if small else Severity.LOOK
    message = (
        f"a running month costs `{change.after.running:.2f}` USD instead of `{change.before.running:.2f}` "
        f"({running:+.2f}), a stopped one `{change.after.stopped:.2f}` instead of `{change.before.stopped:.2f}` "
        f"({stopped:+.2f}){change.priced}"
    )
    if notable:
        limits = f"from `{NOTABLE_RUNNING:.0f}` more, or `{NOTABLE_STOPPED:.2f}` in stopped months"
        message += f"; {limits}, it has to be agreed"
    yield about(EVERYWHERE, Subject.COST, severity, "cost-small" if small else "cost", message)


def _beyond_the_budget(change: CostChange | None) -> Iterator[Finding]:
    """Scaling whose increase alone can spend a month's budget before the operator reads the warning."""
    if change is None or change.at_most is None or not change.budget:
        return
    before, after = change.at_most
    if after - before >= change.budget:
        message = (
            f"with as many tasks as scaling may start a running month costs `{after:.2f}` USD instead of "
            f"`{before:.2f}`: more than the budget of `{change.budget:.0f}` on top"
        )
        yield risk(EVERYWHERE, Subject.COST, "cost-at-most", message)


def _sum(amounts: Collection[Amounts]) -> Amounts:
    return Amounts(running=sum(it.running for it in amounts), stopped=sum(it.stopped for it in amounts))


def _differs(before: Amounts, after: Amounts) -> bool:
    return max(abs(before.running - after.running), abs(before.stopped - after.stopped)) >= _ROUNDED
