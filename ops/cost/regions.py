"""What other regions cost, as Cost Explorer tells it: nothing there is this installation's."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_ce.type_defs import GetCostAndUsageRequestTypeDef

DAYS: Final = 30
# Where CloudFront, Route 53, IAM and taxes stand on the bill.
_NOWHERE: Final = frozenset({"global", "NoRegion", ""})
_CENT: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class RegionCost:
    """What one service cost in one region."""

    region: str  # the region's name
    service: str  # the service's name on the bill
    usd: float  # US dollars of the last 30 days


def read_other_regions(cost_explorer: "CostExplorerClient", region: str, today: date) -> tuple[RegionCost, ...]:
    """Costs of a cent or more in all regions but one, the dearest first; regions that are none are left out.

    Every page of the answer costs 0.01 US dollars (Cost Explorer pricing).
    """
    request: GetCostAndUsageRequestTypeDef = {
        "TimePeriod": {"Start": (today - timedelta(days=DAYS)).isoformat(), "End": today.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "REGION"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    costs: defaultdict[tuple[str, str], float] = defaultdict(float)
    while True:
        answer = cost_explorer.get_cost_and_usage(**request)
        for result in answer["ResultsByTime"]:
            for group in result.get("Groups", []):
                where, service = group.get("Keys", ["", "?"])
                costs[where, service] += float(group.get("Metrics", {})["UnblendedCost"].get("Amount", "0"))
        if not answer.get("NextPageToken"):
            break
        request["NextPageToken"] = answer["NextPageToken"]
    found = [
        RegionCost(region=where, service=service, usd=round(usd, 2))
        for (where, service), usd in costs.items()
        if where not in _NOWHERE and where != region and usd >= _CENT
    ]
    return tuple(sorted(found, key=lambda cost: (-cost.usd, cost.region, cost.service)))
