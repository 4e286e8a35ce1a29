"""What is left of a month's budgets."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from installation.settings import Settings
from ops.service.objectives import ErrorBudget, month_start, read_budgets
from tests.support.aws import aws_of
from tests.support.boto_model import ModelledClient
from tests.support.fake_running_system import FakeCloudWatch
from tests.support.fakes import FakeAccount

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOURS = [datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (10, 11)]


def series(**values: list[float]) -> Any:
    account = FakeAccount()
    account.metric_data = [
        {"Id": name, "Timestamps": HOURS[: len(them)], "Values": them} for name, them in values.items()
    ]
    return cast("Any", ModelledClient("cloudwatch", FakeCloudWatch(account)))


def read(settings: Settings, **values: list[float]) -> dict[str, ErrorBudget]:
    found = read_budgets(aws_of(cloudwatch=series(**values), settings=settings), ["app/a/1"], month_start(NOW), NOW)
    return {budget.kind: budget for budget in found}


def test_half_of_what_is_allowed_leaves_half(settings: Settings) -> None:
    budgets = read(settings, requests=[600.0, 400.0], targets=[0.25], own=[0.25], intime=[100.0, 99.0])
    availability = budgets["availability"]
    assert availability.left_percent == pytest.approx(50)
    assert availability.good_percent == pytest.approx(99.95)
    # 4 of 1,000 came late, and 10 may.
    assert budgets["latency"].left_percent == pytest.approx(60)


def test_an_outage_counts_although_the_load_balancer_counts_no_request(settings: Settings) -> None:
    budgets = read(settings, requests=[900.0], own=[0.0, 100.0])
    assert budgets["availability"].answers == 1000
    assert budgets["availability"].good_percent == pytest.approx(90)
    assert budgets["availability"].left_percent < 0


def test_the_first_hour_of_the_next_month_does_not_count(settings: Settings) -> None:
    over = aws_of(cloudwatch=series(requests=[900.0, 100.0], targets=[0.0, 100.0]), settings=settings)
    availability, _ = read_budgets(over, ["app/a/1"], month_start(NOW), HOURS[1])
    assert (availability.answers, availability.bad) == (900, 0)


def test_without_requests_no_budget_is_computed(settings: Settings) -> None:
    assert read(settings) == {}
    assert read_budgets(aws_of(cloudwatch=series(requests=[1.0]), settings=settings), [], month_start(NOW), NOW) == ()


def test_a_budget_is_of_a_calendar_month() -> None:
    assert month_start(NOW) == datetime(2026, 11, 1, tzinfo=UTC)
