"""CloudWatch's metrics of load balancers."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ops.aws.clients import Aws
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef


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
