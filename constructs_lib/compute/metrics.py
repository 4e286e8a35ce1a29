"""The metrics of a running month, for alarms and dashboard."""

from dataclasses import dataclass
from typing import Self

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.compute.load_balancer import LoadBalancer
from installation.names import Names

MINUTE = cdk.Duration.minutes(1)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Metrics of service, load balancer, target groups and database, by the names that CloudWatch gives them.

    The target groups' own metric helpers are not used: CDK refuses them for a group that no listener forwards to, as
    is green until the first release. With fewer requests than
    ``least_requests`` in a window, of a release in a minute, a share or a percentile is zero.
    """

    names: Names  # the installation's names
    load_balancer_name: str  # full name of the load balancer, ``app/<name>/<id>``
    blue: str  # full name of the blue target group, ``targetgroup/<name>/<id>``
    green: str  # full name of the green target group

    @classmethod
    def of(cls, names: Names, load_balancer: LoadBalancer) -> Self:
        """The metrics of a load balancer and of the service behind it."""
        return cls(
            names=names,
            load_balancer_name=load_balancer.load_balancer.load_balancer_full_name,
            blue=load_balancer.blue.target_group_full_name,
            green=load_balancer.green.target_group_full_name,
        )

    @property
    def groups(self) -> dict[str, str]:
        """The target groups by their colours."""
        return {"blue": self.blue, "green": self.green}

    def service(self, metric: str, statistic: str = "Average", label: str | None = None) -> cloudwatch.Metric:
        """A metric of the ECS service: percent of what its tasks may use, over blue and green together."""
        dimensions = {"ClusterName": self.names.cluster, "ServiceName": self.names.service}
        return _metric("AWS/ECS", metric, dimensions, statistic, label=label)

    def load_balancer(
        self, metric: str, statistic: str = "Sum", label: str | None = None, period: cdk.Duration = MINUTE
    ) -> cloudwatch.Metric:
        """A metric of the load balancer as a whole."""
        dimensions = {"LoadBalancer": self.load_balancer_name}
        return _metric("AWS/ApplicationELB", metric, dimensions, statistic, label=label, period=period)

    def targets(
        self, group: str, metric: str, statistic: str = "Sum", label: str | None = None, color: str | None = None
    ) -> cloudwatch.Metric:
        """A metric of one target group behind the load balancer, by its full name."""
        dimensions = {"LoadBalancer": self.load_balancer_name, "TargetGroup": group}
        return _metric("AWS/ApplicationELB", metric, dimensions, statistic, label=label, color=color)

    def database(self, metric: str, statistic: str = "Average", label: str | None = None) -> cloudwatch.Metric:
        """A metric of the database instance."""
        return _metric("AWS/RDS", metric, {"DBInstanceIdentifier": self.names.database}, statistic, label=label)

    def rule(self, name: str, period: cdk.Duration) -> cloudwatch.Metric:
        """Events that an EventBridge rule matched. A rule without a target counts too.

        Source: EventBridge user guide, "Using IAM policy conditions": without a target a rule only publishes this
            metric.
        """
        return _metric("AWS/Events", "TriggeredRules", {"RuleName": name}, "Sum", period=period)

    def healthy_targets(self) -> cloudwatch.MathExpression:
        """Healthy targets of both target groups together, so that a shift of traffic changes nothing.

        The load balancer reports for groups with registered targets only (Application Load Balancer user guide, "Target
        metrics"), so each missing value is a zero. The largest value of its nodes counts.
        """
        return cloudwatch.MathExpression(
            expression="FILL(blue, 0) + FILL(green, 0)",
            using_metrics={
                colour: self.targets(group, "HealthyHostCount", "Maximum") for colour, group in self.groups.items()
            },
            label="healthy targets",
            period=MINUTE,
        )

    def errors(self, period: cdk.Duration) -> cloudwatch.MathExpression:
        """5xx answers that users saw: those of targets, and those of the load balancer itself.

        Both are reported only when there are some, so each missing value is a zero.
        """
        return cloudwatch.MathExpression(
            expression="FILL(own, 0) + FILL(targets, 0)", using_metrics=self._errors(period), label="5xx", period=period
        )

    def error_percent(self, least_requests: int, period: cdk.Duration) -> cloudwatch.MathExpression:
        """Share of 5xx answers, of targets and of the load balancer itself, in percent of a window's answers.

        A load balancer without a target answers 503 and counts no request (Application Load Balancer user guide,
        RequestCount), so there may be more errors than requests; the larger number counts.
        """
        answers = "MAX([FILL(requests, 0), FILL(own, 0) + FILL(targets, 0)])"
        return cloudwatch.MathExpression(
            expression=f"IF({answers} >= {least_requests}, 100 * (FILL(own, 0) + FILL(targets, 0)) / {answers}, 0)",
            using_metrics={"requests": self.load_balancer("RequestCount", period=period), **self._errors(period)},
            label="5xx share (%)",
            period=period,
        )

    def late_percent(self, least_requests: int, seconds: float, period: cdk.Duration) -> cloudwatch.MathExpression:
        """Share of answers that took longer, in percent of a window's answers.

        Args:
            seconds: the limit of a timely answer. PR(:2) is the share of values up to 2 (CloudWatch user guide,
                "Statistics definitions", percentile rank).
        """
        return cloudwatch.MathExpression(
            expression=f"IF(FILL(requests, 0) >= {least_requests}, 100 - FILL(intime, 100), 0)",
            using_metrics={
                "requests": self.load_balancer("RequestCount", period=period),
                "intime": self.load_balancer("TargetResponseTime", f"PR(:{seconds:g})", period=period),
            },
            label="late (%)",
            period=period,
        )

    def release_error_percent(self, least_requests: int) -> cloudwatch.MathExpression:
        """Share of 5xx answers in the worse of the two target groups, in percent.

        By group, because nine tenths of requests still go to the old release and would hide a canary.
        """
        shares = [
            f"IF(FILL({group}_requests, 0) >= {least_requests}, "
            f"100 * FILL({group}_errors, 0) / FILL({group}_requests, 1), 0)"
            for group in self.groups
        ]
        return self._worse(shares, "5xx share (%)", errors="HTTPCode_Target_5XX_Count")

    def release_p95_seconds(self, least_requests: int) -> cloudwatch.MathExpression:
        """95th percentile of response time in the slower of the two target groups, in seconds."""
        times = [
            f"IF(FILL({group}_requests, 0) >= {least_requests}, FILL({group}_time, 0), 0)" for group in self.groups
        ]
        return self._worse(times, "p95 (s)", time="TargetResponseTime")

    def _errors(self, period: cdk.Duration) -> dict[str, cloudwatch.IMetric]:
        return {
            "own": self.load_balancer("HTTPCode_ELB_5XX_Count", period=period),
            "targets": self.load_balancer("HTTPCode_Target_5XX_Count", period=period),
        }

    def _worse(self, expressions: list[str], label: str, **watched: str) -> cloudwatch.MathExpression:
        metrics: dict[str, cloudwatch.IMetric] = {}
        for name, group in self.groups.items():
            metrics[f"{name}_requests"] = self.targets(group, "RequestCount")
            for key, metric in watched.items():
                statistic = "p95" if metric == "TargetResponseTime" else "Sum"
                metrics[f"{name}_{key}"] = self.targets(group, metric, statistic)
        return cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(expressions)}])", using_metrics=metrics, label=label, period=MINUTE
        )


def _metric(
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    statistic: str,
    *,
    period: cdk.Duration = MINUTE,
    label: str | None = None,
    color: str | None = None,
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=period,
        label=label,
        color=color,
    )
