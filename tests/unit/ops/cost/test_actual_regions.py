"""What other regions cost."""

from datetime import date
from typing import Any

from ops.cost.actual import RegionCost, read_other_regions
from tests.support.aws import aws_of


class FakeCostExplorer:
    """Answers a page at a time, as the service does."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def get_cost_and_usage(self, **request: Any) -> Any:
        self.requests.append(dict(request))
        if "NextPageToken" in request:
            return {"ResultsByTime": [result(("us-west-2", "Amazon Elastic Compute Cloud", 3.5))]}
        first = result(
            ("ap-northeast-1", "Amazon Relational Database Service", 9.0),
            ("us-west-2", "Amazon Elastic Compute Cloud", 1.25),
            ("eu-west-1", "AWS Key Management Service", 1.0),
            ("eu-west-1", "Amazon Simple Storage Service", 0.004),
            ("global", "Amazon CloudFront", 2.0),
            ("NoRegion", "Tax", 1.0),
        )
        return {"ResultsByTime": [first], "NextPageToken": "1"}


def result(*groups: tuple[str, str, float]) -> dict[str, Any]:
    return {
        "Groups": [
            {"Keys": [region, service], "Metrics": {"UnblendedCost": {"Amount": str(usd), "Unit": "USD"}}}
            for region, service, usd in groups
        ]
    }


def test_other_regions_are_named_with_their_services_over_all_pages_and_months() -> None:
    client = FakeCostExplorer()
    found = read_other_regions(aws_of(cost_explorer=client).cost_explorer, "ap-northeast-1", date(2026, 11, 26))

    assert found == (
        RegionCost(region="us-west-2", service="Amazon Elastic Compute Cloud", usd=4.75),
        RegionCost(region="eu-west-1", service="AWS Key Management Service", usd=1.0),
    )
    assert client.requests[0]["TimePeriod"] == {"Start": "2026-10-27", "End": "2026-11-26"}
