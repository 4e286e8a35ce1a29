"""Reads Cost Explorer. Every page of an answer costs 0.01 US dollars (Cost Explorer pricing)."""

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
    """The costs of a range before credits and refunds, page by page: a long day continues in another result.

    Args:
        after: the day after the last.
        by: the dimensions by which costs are grouped.
    """
    request: GetCostAndUsageRequestTypeDef = {
        "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
        "Granularity": each,
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in by],
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


def dollars(group: "GroupTypeDef") -> float:
    """The cost of a group in US dollars."""
    return float(group.get("Metrics", {})["UnblendedCost"].get("Amount", "0"))
