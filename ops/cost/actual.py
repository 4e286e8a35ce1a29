"""The bill as Cost Explorer shows it, by service and day, and that of other regions.

Every page of an answer costs 0.01 US dollars, on the bill of us-east-1 (Cost Explorer pricing).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from ops.cost.estimation import Estimate
from ops.errors import UnusableInputError

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_ce.type_defs import GetCostAndUsageRequestTypeDef, GroupTypeDef, ResultByTimeTypeDef

# The service that costs money on every day on which the system ran, and on no other.
_RUNS = "Amazon Elastic Load Balancing"
_DAYS: Final = 30
# Names on the bill for CloudFront, Route 53, IAM and taxes, which have no region.
_WITHOUT_REGION: Final = frozenset({"global", "NoRegion", ""})
_CENT: Final = 0.01


def _results(
    cost_explorer: "CostExplorerClient",
    start: date,
    after: date,
    *,
    granularity: Literal["DAILY", "MONTHLY"],
    dimensions: tuple[Literal["REGION", "SERVICE"], ...],
) -> "Iterator[ResultByTimeTypeDef]":
    """The costs from ``start`` to the day before ``after``, without credits and refunds.

    They come page by page: a long day continues in another result.
    """
    request: GetCostAndUsageRequestTypeDef = {
        "TimePeriod": {"Start": start.isoformat(), "End": after.isoformat()},
        "Granularity": granularity,
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in dimensions],
        # As the budget counts. A credit is under the service that it pays for: with all credits a new account's
        # services cost nothing, until its credits are used up.
        "Filter": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}},
    }
    while True:  # boto3 has no paginator for this operation
        answer = cost_explorer.get_cost_and_usage(**request)
        yield from answer["ResultsByTime"]
        if not answer.get("NextPageToken"):
            return
        request["NextPageToken"] = answer["NextPageToken"]


def _dollars(group: "GroupTypeDef") -> float:
    return float(group.get("Metrics", {})["UnblendedCost"].get("Amount", "0"))


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
        start = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    except ValueError as error:
        raise UnusableInputError(f"{month!r} is no month such as {today:%Y-%m}") from error
    if start > today:
        raise UnusableInputError(f"{month} has not begun")
    after = (start + timedelta(days=31)).replace(day=1)
    return start, min(after, today + timedelta(days=1))


def read_days(cost_explorer: "CostExplorerClient", start: date, after: date) -> tuple[Day, ...]:
    """The days of a range."""
    costs: defaultdict[date, dict[str, float]] = defaultdict(dict)
    estimated: set[date] = set()
    for result in _results(cost_explorer, start, after, granularity="DAILY", dimensions=("SERVICE",)):
        day = date.fromisoformat(result.get("TimePeriod", {"Start": ""})["Start"])
        costs[day] |= {group.get("Keys", ["?"])[0]: _dollars(group) for group in result.get("Groups", [])}
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


@dataclass(frozen=True, kw_only=True)
class RegionCost:
    """What one service cost in one region."""

    region: str  # the region's name
    service: str  # the service's name on the bill
    usd: float  # US dollars of the last 30 days


def read_other_regions(cost_explorer: "CostExplorerClient", region: str, today: date) -> tuple[RegionCost, ...]:
    """Costs of a cent or more in all regions except one, the highest first; names that are no region are left out."""
    costs: defaultdict[tuple[str, str], float] = defaultdict(float)
    first = today - timedelta(days=_DAYS)
    for result in _results(cost_explorer, first, today, granularity="MONTHLY", dimensions=("REGION", "SERVICE")):
        for group in result.get("Groups", []):
            where, service = group.get("Keys", ["", "?"])
            costs[where, service] += _dollars(group)
    found = [
        RegionCost(region=where, service=service, usd=round(usd, 2))
        for (where, service), usd in costs.items()
        if where not in _WITHOUT_REGION and where != region and usd >= _CENT
    ]
    return tuple(sorted(found, key=lambda cost: (-cost.usd, cost.region, cost.service)))
