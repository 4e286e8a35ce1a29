"""How much of the calendar month's error budgets is left, by CloudWatch's metrics of load balancers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from ops.aws.clients import Aws
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

# CloudWatch keeps hourly values for 455 days (CloudWatch user guide, "Metrics retention").
_HOUR_SECONDS: Final = 3_600
Kind = Literal["availability", "latency"]


def read_metrics(
    aws: Aws, load_balancer: str, series: Mapping[str, tuple[str, str]], begin: datetime, end: datetime, *, seconds: int
) -> Iterator[tuple[str, datetime, float]]:
    """Values of one load balancer: series, beginning of the period, value.

    Args:
        load_balancer: its name in CloudWatch, such as ``app/NAME/ID``.
        series: metric and statistic by the name of a series.
        end: end of the time range, exclusive.
        seconds: length of a period.

    Raises:
        FailedError: CloudWatch could not read all values.
    """
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "LoadBalancer", "Value": load_balancer}],
                },
                "Period": seconds,
                "Stat": statistic,
            },
        }
        for name, (metric, statistic) in series.items()
    ]
    pages = aws.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=begin, EndTime=end
    )
    for result in (result for page in pages for result in page["MetricDataResults"]):
        # It has no values, or only some (API reference, MetricDataResult): missing ones would look like zero errors.
        if result.get("StatusCode") in ("InternalError", "Forbidden"):
            raise FailedError(f"CloudWatch could not read all values of {load_balancer}", "Try again in a minute.")
        for moment, value in zip(result.get("Timestamps", []), result.get("Values", []), strict=True):
            yield result.get("Id", ""), moment, value


@dataclass(frozen=True, kw_only=True)
class ErrorBudget:
    """An objective of a month, and how much of its budget was used."""

    kind: Kind  # ``availability`` counts 5xx answers, ``latency`` slow ones
    objective_percent: float  # wanted share of good answers
    answers: int  # answers of the month until now
    bad: float  # answers that count against the objective

    @property
    def good_percent(self) -> float | None:
        """Share of good answers; None without any."""
        return 100 * (1 - self.bad / self.answers) if self.answers else None

    @property
    def left_percent(self) -> float:
        """Remaining share of the bad answers that the objective allows; below 0: it was missed."""
        allowed = self.answers * (100 - self.objective_percent) / 100
        return 100 * (1 - self.bad / allowed) if allowed else 100.0


def month_start(now: datetime) -> datetime:
    """When the calendar month began, in UTC: budgets are monthly, like the bill."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def read_budgets(aws: Aws, load_balancers: Iterable[str], begin: datetime, end: datetime) -> tuple[ErrorBudget, ...]:
    """The budgets of load balancers in a time range, deleted ones too; none where there were no requests."""
    goals = aws.settings.objectives
    series = {
        "requests": ("RequestCount", "Sum"),
        "targets": ("HTTPCode_Target_5XX_Count", "Sum"),
        "own": ("HTTPCode_ELB_5XX_Count", "Sum"),
        "intime": ("TargetResponseTime", f"PR(:{goals.latency_seconds:g})"),
    }
    answers, errors, late = 0, 0.0, 0.0
    for load_balancer in load_balancers:
        hours: dict[datetime, dict[str, float]] = {}
        last = end + timedelta(seconds=_HOUR_SECONDS)
        for name, moment, value in read_metrics(aws, load_balancer, series, begin, last, seconds=_HOUR_SECONDS):
            if moment < end:  # of a month that is over, not the first hour of the next one
                hours.setdefault(moment, {})[name] = value
        for hour in hours.values():
            requests, failed = hour.get("requests", 0.0), hour.get("targets", 0.0) + hour.get("own", 0.0)
            # A load balancer without targets answers 503 and counts no request.
            answers += round(max(requests, failed))
            errors += failed
            late += requests * (100 - hour.get("intime", 100.0)) / 100
    if not answers:
        return ()
    return (
        ErrorBudget(kind="availability", objective_percent=goals.availability_percent, answers=answers, bad=errors),
        ErrorBudget(kind="latency", objective_percent=goals.latency_percent, answers=answers, bad=late),
    )
