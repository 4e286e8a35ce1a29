"""The bill as Cost Explorer shows it, by service and day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ops.cost.estimation import Estimate
from ops.cost.explorer import dollars, results
from ops.errors import UnusableInputError

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient

# The service that costs money on every day on which the system ran, and on no other.
_RUNS = "Amazon Elastic Load Balancing"


@dataclass(frozen=True, kw_only=True)
class Day:
    """The cost of one day."""

    day: date  # in UTC, as AWS bills
    by_service: dict[str, float]  # US dollars by the service's name on the bill, before credits and refunds
    final: bool  # false while AWS may still change the cost

    @property
    def total(self) -> float:
        """US dollars."""
        return sum(self.by_service.values())


@dataclass(frozen=True, kw_only=True)
class ServiceCost:
    """What a service cost, and the estimate for as many days up."""

    service: str
    actual: float
    estimated: float


@dataclass(frozen=True, kw_only=True)
class Actual:
    """A month's bill so far against budget and estimate, in US dollars."""

    month: str  # such as ``2026-11``
    days: tuple[Day, ...]  # all days that have begun
    total: float  # the sum of the days
    days_up: int  # days on which the load balancer cost money
    budget: float  # the month's budget
    estimated: float  # the estimate for a month with so many days up
    services: tuple[ServiceCost, ...]  # by service, the most expensive first
    priced_in: str = ""  # the region of the estimate's prices


def month_range(month: str | None, today: date) -> tuple[date, date]:
    """The first day of a month, and the day after its last day that has begun.

    Raises:
        UnusableInputError: the text is no month, or the month has not begun.
    """
    try:
        first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    except ValueError as error:
        raise UnusableInputError(f"{month!r} is no month such as {today:%Y-%m}") from error
    if first > today:
        raise UnusableInputError(f"{month} has not begun")
    after = (first + timedelta(days=31)).replace(day=1)
    return first, min(after, today + timedelta(days=1))


def read_days(cost_explorer: "CostExplorerClient", first: date, after: date) -> tuple[Day, ...]:
    """The days of a range."""
    costs: defaultdict[date, dict[str, float]] = defaultdict(dict)
    estimated: set[date] = set()
    for result in results(cost_explorer, first, after, each="DAILY", by=("SERVICE",)):
        day = date.fromisoformat(result.get("TimePeriod", {"Start": ""})["Start"])
        costs[day] |= {group.get("Keys", ["?"])[0]: dollars(group) for group in result.get("Groups", [])}
        if result.get("Estimated", False):
            estimated.add(day)
    return tuple(Day(day=day, by_service=it, final=day not in estimated) for day, it in sorted(costs.items()))


def days_up(days: tuple[Day, ...]) -> int:
    """Days on which the system ran."""
    return sum(1 for day in days if day.by_service.get(_RUNS, 0) > 0)


def compare(days: tuple[Day, ...], *, month: str, budget: float, estimate: Estimate) -> Actual:
    """Compare a bill with its budget and with the estimate for as many days up."""
    actual: dict[str, float] = {}
    for day in days:
        for service, cost in day.by_service.items():
            actual[service] = actual.get(service, 0) + cost
    estimated: dict[str, float] = {}
    for line in estimate.lines:
        estimated[line.price.service] = estimated.get(line.price.service, 0) + line.cost.month
    services = [
        ServiceCost(service=service, actual=actual.get(service, 0), estimated=estimated.get(service, 0))
        for service in {*actual, *estimated}
    ]
    return Actual(
        month=month,
        days=days,
        total=sum(actual.values()),
        days_up=days_up(days),
        budget=budget,
        estimated=estimate.total.month,
        services=tuple(sorted(services, key=lambda one: (-one.actual, -one.estimated, one.service))),
        priced_in=estimate.region,
    )
