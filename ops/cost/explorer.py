"""What Cost Explorer answers. Every page of an answer costs 0.01 US dollars (Cost Explorer pricing)."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_ce.type_defs import GetCostAndUsageRequestTypeDef, GroupTypeDef, ResultByTimeTypeDef


def results(
    cost_explorer: "CostExplorerClient",
    first: date,
    after: date,
    *,
    each: Literal["DAILY", "MONTHLY"],
    by: tuple[Literal["REGION", "SERVICE"], ...],
) -> "Iterator[ResultByTimeTypeDef]":
    """The costs of a range before credits and refunds, page by page: what is long goes on in another result of the day.

    Args:
        after: the day after the last.
        by: what divides its costs into groups.
    """
    request: GetCostAndUsageRequestTypeDef = {
        "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
        "Granularity": each,
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in by],
        # As the budget counts. A credit stands under the service that it pays: with all of them a new account's
        # services cost nothing, until its credits end.
        "Filter": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}},
    }
    while True:  # boto3 has no paginator for this operation
        answer = cost_explorer.get_cost_and_usage(**request)
        yield from answer["ResultsByTime"]
        if not answer.get("NextPageToken"):
            return
        request["NextPageToken"] = answer["NextPageToken"]


def dollars(group: "GroupTypeDef") -> float:
    """What a group costs."""
    return float(group.get("Metrics", {})["UnblendedCost"].get("Amount", "0"))
