"""Days put together from what load balancers counted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, cast

import pytest

from installation.settings import Settings
from ops.errors import FailedError
from ops.report import traffic
from ops.report.period import period_of
from ops.report.traffic import Figures, Traffic, read_traffic
from ops.service.objectives import ErrorBudget
from tests.support.aws import aws_of, given

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 20, tzinfo=UTC)
# botocore gives CloudWatch's times in the time zone of the machine.
ELSEWHERE = timezone(timedelta(hours=-5))


class Metrics:
    """CloudWatch with the same values for every load balancer, on one day."""

    def __init__(self, **values: float) -> None:
        self.values = values
        self.asked: list[str] = []

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=self._paginate)

    def _paginate(self, **request: Any) -> Iterator[Any]:
        for query in request["MetricDataQueries"]:
            stat = query["MetricStat"]
            self.asked.append(stat["Metric"]["Dimensions"][0]["Value"])
            name = f"{stat['Metric']['MetricName']}_{stat['Stat']}"
            values = [self.values[name]] if name in self.values else []
            # On pages of their own, as CloudWatch may answer.
            yield {
                "MetricDataResults": [
                    {"Id": query["Id"], "Timestamps": [DAY.astimezone(ELSEWHERE)] * len(values), "Values": values}
                ]
            }


def read(monkeypatch: pytest.MonkeyPatch, settings: Settings, metrics: Metrics, *balancers: str) -> traffic.Traffic:
    monkeypatch.setattr(traffic, "_load_balancers", lambda *_: iter(balancers))
    aws = cast("Any", SimpleNamespace(cloudformation=None, cloudwatch=metrics))
    return read_traffic(given(aws, settings), period_of("2026-11", NOW))


def test_counts_of_two_load_balancers_add_up_and_the_slower_time_counts(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    metrics = Metrics(
        RequestCount_Sum=500.0,
        HTTPCode_Target_5XX_Count_Sum=3.0,
        HTTPCode_ELB_5XX_Count_Sum=2.0,
        TargetResponseTime_p50=0.02,
        TargetResponseTime_p95=0.2,
    )
    found = read(monkeypatch, settings, metrics, "app/one/1", "app/two/2")
    assert set(metrics.asked) == {"app/one/1", "app/two/2"}
    assert found.days == {DAY.date(): Figures(requests=1000, errors=10, median=0.02, p95=0.2)}
    assert found.total.availability == pytest.approx(99.0)


def test_a_month_without_a_load_balancer_asks_nothing(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    metrics = Metrics()
    found = read(monkeypatch, settings, metrics)
    assert (found.days, found.total.availability, metrics.asked) == ({}, None, [])


def test_what_cloudwatch_could_not_read_is_no_zero(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Of requests without their errors all were good."""

    class Broken(Metrics):
        def _paginate(self, **request: Any) -> Iterator[Any]:
            *others, last = super()._paginate(**request)
            last["MetricDataResults"][0] |= {"StatusCode": "InternalError", "Values": [], "Timestamps": []}
            yield from (*others, last)

    with pytest.raises(FailedError, match="CloudWatch could not read"):
        read(monkeypatch, settings, Broken(RequestCount_Sum=500.0), "app/one/1")


def test_answers_without_a_target_count_against_availability() -> None:
    assert Figures(requests=0, errors=40, median=None, p95=None).availability == 0
    assert Figures(requests=30, errors=40, median=None, p95=None).availability == 0


def test_the_month_is_as_available_as_its_budget_says() -> None:
    """An hour without targets has errors and no requests: over the whole month, requests would hide some of them."""
    total = Figures(requests=1_000, errors=500, median=None, p95=None)
    budget = ErrorBudget(kind="availability", objective_percent=99.9, answers=1_500, bad=500)
    counted = Traffic(load_balancers=(), days={}, total=total, budgets=(budget,))
    assert counted.availability == budget.good_percent
    assert Traffic(load_balancers=(), days={}, total=total).availability == total.availability


@pytest.mark.parametrize("name", ["ComputeStack", "StorageStack"])
def test_load_balancers_of_stacks_that_are_gone_are_found(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str
) -> None:
    """With a hosted zone it stands beside the database (decision record 47)."""

    def stack(name: str, identifier: str, *, created: datetime, deleted: datetime) -> dict[str, Any]:
        return {"StackName": name, "StackId": identifier, "CreationTime": created, "DeletionTime": deleted}

    gone = [
        stack(name, "this-month", created=DAY - timedelta(days=5), deleted=DAY),
        stack(name, "last-month", created=DAY - timedelta(days=60), deleted=DAY - timedelta(days=30)),
        stack("EdgeStack", "another", created=DAY, deleted=DAY),
    ]
    arn = f"arn:aws:elasticloadbalancing:x:1:loadbalancer/app/{settings.names.load_balancer}"
    monkeypatch.setattr(traffic, "read_stack", lambda *_: None)

    def events(StackName: str) -> list[Any]:  # noqa: N803 - boto3's name
        event = {"ResourceType": traffic._LOAD_BALANCER, "PhysicalResourceId": f"{arn}/{StackName}"}
        return [
            {"StackEvents": [event | {"ResourceStatus": state} for state in ("DELETE_COMPLETE", "CREATE_COMPLETE")]}
        ]

    answers = {"list_stacks": lambda **_: [{"StackSummaries": gone}], "describe_stack_events": events}
    cloudformation = cast(
        "Any", SimpleNamespace(get_paginator=lambda operation: SimpleNamespace(paginate=answers[operation]))
    )
    found = list(
        traffic._load_balancers(aws_of(cloudformation=cloudformation, settings=settings), period_of("2026-11", NOW))
    )
    assert found == [f"app/{settings.names.load_balancer}/this-month"]
    assert date(2026, 11, 20) == DAY.date()
