"""Requests, errors and response times of the month, as the load balancers counted them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from installation.names import COMPUTE_STACK, STORAGE_STACK
from ops.aws.clients import Aws
from ops.report.period import Period
from ops.service.objectives import ErrorBudget, read_budgets, read_metrics
from ops.stacks.state import read_stack

_LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
# With a hosted zone it stands beside the database (decision record 47).
_STACKS: Final = (COMPUTE_STACK, STORAGE_STACK)
_DAY_SECONDS: Final = 86_400
_MEDIAN, _P95 = "median", "p95"
# Metric and statistic of each series.
_SERIES: Final = {
    "requests": ("RequestCount", "Sum"),
    "target_errors": ("HTTPCode_Target_5XX_Count", "Sum"),
    "own_errors": ("HTTPCode_ELB_5XX_Count", "Sum"),
    _MEDIAN: ("TargetResponseTime", "p50"),
    _P95: ("TargetResponseTime", "p95"),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was counted in a day, or in the month."""

    requests: int  # requests that reached a target
    errors: int  # 5xx answers, of targets and of the load balancer
    median: float | None  # median response time in seconds; None where nothing answered
    p95: float | None  # 95th percentile in seconds

    @property
    def availability(self) -> float | None:
        """Share of answers that were no 5xx, in percent; None without any.

        A load balancer without a target answers 503 and counts no request (ELB user guide, RequestCount), so there may
        be more errors than requests.
        """
        answers = max(self.requests, self.errors)
        return 100 * (answers - self.errors) / answers if answers else None


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The month's traffic."""

    load_balancers: tuple[str, ...]  # those that were counted, by the name that CloudWatch gives them
    days: Mapping[date, Figures]  # days with figures
    total: Figures  # the whole month
    budgets: tuple[ErrorBudget, ...] = ()  # what the objectives allowed, and what was used of it

    @property
    def availability(self) -> float | None:
        """The month's share of answers that were no 5xx, as the budget counts them, by the hour; None without any."""
        counted = (it.good_percent for it in self.budgets if it.kind == "availability")
        return next(counted, self.total.availability)


def read_traffic(aws: Aws, period: Period) -> Traffic:
    """What all load balancers of a month counted, also those that are gone."""
    load_balancers = tuple(_load_balancers(aws, period))
    days: defaultdict[date, list[tuple[str, float]]] = defaultdict(list)
    for series, moment, value in _read_series(aws, load_balancers, period, _DAY_SECONDS):
        days[moment.astimezone(UTC).date()].append((series, value))  # botocore gives this machine's time zone
    by_day = {day: _figures(values) for day, values in sorted(days.items())}
    requests, errors = sum(one.requests for one in by_day.values()), sum(one.errors for one in by_day.values())
    # Percentiles do not add up, so they are asked for over the whole month. CloudWatch aligns long periods as it likes:
    # they may come in two parts.
    whole = _read_series(aws, load_balancers, period, _DAY_SECONDS * len(period.days))
    times = _figures((series, value) for series, _, value in whole)
    total = Figures(requests=requests, errors=errors, median=times.median, p95=times.p95)
    budgets = read_budgets(aws, load_balancers, period.begin, period.end)
    return Traffic(load_balancers=load_balancers, days=by_day, total=total, budgets=budgets)


def _load_balancers(aws: Aws, period: Period) -> Iterator[str]:
    stacks = [stack for stack in _STACKS if read_stack(aws, stack)]
    pages = aws.cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    stacks += [
        stack["StackId"]
        for page in pages
        for stack in page["StackSummaries"]
        if stack["StackName"] in _STACKS
        and "StackId" in stack
        and stack.get("DeletionTime", period.end) >= period.begin
        and stack["CreationTime"] < period.end
    ]
    for stack in stacks:
        yield from _load_balancers_of(aws, stack)


def _load_balancers_of(aws: Aws, stack: str) -> list[str]:
    """The load balancers that a stack ever made; events name them for 90 days, also those of a stack that is gone."""
    pages = aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    arns = {
        event.get("PhysicalResourceId", "")
        for page in pages
        for event in page["StackEvents"]
        if event.get("ResourceType") == _LOAD_BALANCER and event.get("ResourceStatus") == "CREATE_COMPLETE"
    }
    return sorted(arn.partition(":loadbalancer/")[2] for arn in arns if aws.names.load_balancer in arn)


def _read_series(
    aws: Aws, load_balancers: Iterable[str], period: Period, seconds: int
) -> Iterator[tuple[str, datetime, float]]:
    """Series, time and value of all periods."""
    for balancer in load_balancers:
        yield from read_metrics(aws, balancer, _SERIES, period.begin, period.end, seconds=seconds)


def _figures(values: Iterable[tuple[str, float]]) -> Figures:
    """What series and values come to together: counts add up, of times the worst counts."""
    totals: dict[str, float] = {}
    for series, value in values:
        known = totals.get(series, 0.0)
        totals[series] = max(known, value) if series in (_MEDIAN, _P95) else known + value
    return Figures(
        requests=round(totals.get("requests", 0)),
        errors=round(totals.get("target_errors", 0) + totals.get("own_errors", 0)),
        median=totals.get(_MEDIAN),
        p95=totals.get(_P95),
    )
