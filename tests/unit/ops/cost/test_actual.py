"""The bill as Cost Explorer tells it, against budget and estimate."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ops.cli.console.cost_tables import bars
from ops.cost import Estimate, estimate
from ops.cost.actual import Actual, compare, days_up, month_range, read_days
from ops.errors import UnusableInputError
from ops.report.cost_chart import svg
from tests.support.aws import aws_of

TODAY = date(2026, 11, 24)
BALANCER = "Amazon Elastic Load Balancing"


class FakeCostExplorer:
    """Answers a page at a time, as the service does."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = pages
        self.requests: list[dict[str, Any]] = []

    def get_cost_and_usage(self, **request: Any) -> Any:
        self.requests.append(dict(request))
        number = int(request.get("NextPageToken", 0))
        answer: dict[str, Any] = {"ResultsByTime": self.pages[number]}
        return answer | ({"NextPageToken": str(number + 1)} if number + 1 < len(self.pages) else {})


def result(day: int, estimated: bool = False, **services: float) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": f"2026-11-{day:02}", "End": f"2026-11-{day + 1:02}"},
        "Groups": [
            {"Keys": [name.replace("_", " ")], "Metrics": {"UnblendedCost": {"Amount": str(cost), "Unit": "USD"}}}
            for name, cost in services.items()
        ],
        "Estimated": estimated,
    }


@pytest.fixture(scope="module")
def computed(assembly: Callable[[str], Path]) -> Estimate:
    return estimate(assembly("dev"), days=2)


@pytest.fixture
def actual(computed: Estimate) -> Actual:
    client = FakeCostExplorer(
        [result(1, Amazon_Elastic_Load_Balancing=0.6, Tax=0.1), result(2, Amazon_Elastic_Load_Balancing=0.6)],
        [result(2, AmazonCloudWatch=0.2), result(3, estimated=True, AmazonCloudWatch=0.1)],
    )
    days = read_days(aws_of(cost_explorer=client).cost_explorer, date(2026, 11, 1), date(2026, 11, 4))
    return compare(days, month="2026-11", budget=50, estimate=computed)


def test_a_day_that_goes_on_in_the_next_page_is_one_day(actual: Actual) -> None:
    assert [day.day.day for day in actual.days] == [1, 2, 3]
    assert actual.days[1].by_service == {BALANCER: 0.6, "AmazonCloudWatch": 0.2}
    assert [day.final for day in actual.days] == [True, True, False]
    assert actual.total == pytest.approx(1.6)


def test_days_up_are_those_on_which_the_load_balancer_billed(actual: Actual) -> None:
    assert actual.days_up == 2
    assert days_up(()) == 0


def test_services_stand_beside_their_estimates(actual: Actual, computed: Estimate) -> None:
    services = {one.service: one for one in actual.services}
    assert services[BALANCER].actual == pytest.approx(1.2)
    assert services[BALANCER].estimated == pytest.approx(48 * 0.0243 + 5 * 48 / 730 * 0.008)
    assert services["Tax"].estimated == 0
    assert services["AWS Secrets Manager"].actual == 0
    assert sum(one.estimated for one in actual.services) == pytest.approx(computed.total.month)
    assert actual.services[0].service == BALANCER


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (None, (date(2026, 11, 1), date(2026, 11, 25))),
        ("2026-10", (date(2026, 10, 1), date(2026, 11, 1))),
        ("2026-02", (date(2026, 2, 1), date(2026, 3, 1))),
        ("2025-12", (date(2025, 12, 1), date(2026, 1, 1))),
    ],
)
def test_a_month_ends_where_it_ends_or_today(month: str | None, expected: tuple[date, date]) -> None:
    assert month_range(month, TODAY) == expected


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-12"])
def test_what_is_no_month_or_has_not_begun_is_refused(month: str) -> None:
    with pytest.raises(UnusableInputError):
        month_range(month, TODAY)


def test_the_picture_has_a_bar_a_day_and_is_well_formed(actual: Actual) -> None:
    root = ET.fromstring(svg(actual))  # noqa: S314 - our own text
    rectangles = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    assert [one.get("class") for one in rectangles] == ["bar", "bar", "pale"]
    heights = [float(one.get("height", "0")) for one in rectangles]
    assert heights[1] == max(heights)
    assert heights[0] / heights[1] == pytest.approx(0.7 / 0.8, abs=0.01)
    # The top is an even share of the budget: a cheap month does not look as if it had spent all of it.
    assert heights[1] / (176 - 22) == pytest.approx(0.8 / (50 / 30), abs=0.01)


def test_a_terminal_shows_the_same_bars(actual: Actual) -> None:
    assert [(label, len(bar)) for label, bar, _ in bars(actual, width=80)] == [
        ("Sun 01", 70),
        ("Mon 02", 80),
        ("Tue 03", 10),
    ]


def test_credits_hide_neither_costs_nor_days(actual: Actual) -> None:
    """As the budget counts: with them each service of a new account costs nothing, and it ran on no day."""
    client = FakeCostExplorer([result(1)])
    read_days(aws_of(cost_explorer=client).cost_explorer, date(2026, 11, 1), date(2026, 11, 2))
    left_out = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}
    assert [request["Filter"] for request in client.requests] == [{"Not": left_out}]


def test_a_month_that_cost_less_than_nothing_can_be_shown(computed: Estimate) -> None:
    client = FakeCostExplorer([result(1, Correction=-3.0)])
    days = read_days(aws_of(cost_explorer=client).cost_explorer, date(2026, 11, 1), date(2026, 11, 2))
    shown = compare(days, month="2026-11", budget=50, estimate=computed)
    ET.fromstring(svg(shown))  # noqa: S314
    assert bars(shown)[0][1] == ""
