"""The costs of other regions by Cost Explorer, whose own requests are on the bill of us-east-1."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from ops.cost.explorer import dollars, results

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient

DAYS: Final = 30
# Names on the bill for CloudFront, Route 53, IAM and taxes, which have no region.
_WITHOUT_REGION: Final = frozenset({"global", "NoRegion", ""})
_CENT: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class RegionCost:
    """What one service cost in one region."""

    region: str  # the region's name
    service: str  # the service's name on the bill
    usd: float  # US dollars of the last 30 days


def read_other_regions(cost_explorer: "CostExplorerClient", region: str, today: date) -> tuple[RegionCost, ...]:
    """Costs of a cent or more in all regions except one, the highest first; names that are no region are left out."""
    costs: defaultdict[tuple[str, str], float] = defaultdict(float)
    for result in results(cost_explorer, today - timedelta(days=DAYS), today, each="MONTHLY", by=("REGION", "SERVICE")):
        for group in result.get("Groups", []):
            where, service = group.get("Keys", ["", "?"])
            costs[where, service] += dollars(group)
    found = [
        RegionCost(region=where, service=service, usd=round(usd, 2))
        for (where, service), usd in costs.items()
        if where not in _WITHOUT_REGION and where != region and usd >= _CENT
    ]
    return tuple(sorted(found, key=lambda cost: (-cost.usd, cost.region, cost.service)))
