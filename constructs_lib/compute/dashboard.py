"""The dashboard of a month in the console."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.compute.metrics import Metrics
from installation.settings import Settings

WIDTH = 24  # of CloudWatch's grid
COLORS = {"blue": "#1f77b4", "green": "#2ca02c"}

Row = list[cloudwatch.IWidget]


class Dashboard(Construct):
    """One page from top to bottom: alarms, what users see, load, and the running release.

    Args:
        settings: thresholds, drawn into the graphs.
        alarms: the alarms whose states the first row shows.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        metrics: Metrics,
        settings: Settings,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        names = settings.names
        dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=names.dashboard, default_interval=cdk.Duration.hours(3)
        )
        for row in (
            [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=WIDTH, height=3)],
            _requests(metrics, settings),
            _tasks(metrics, settings),
            _database(metrics, settings),
            _releases(metrics, settings),
            _log(names.service_log_group),
        ):
            dashboard.add_widgets(*row)
        region = cdk.Stack.of(self).region
        self.url = (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#dashboards/dashboard/{names.dashboard}"
        )


def _requests(metrics: Metrics, settings: Settings) -> Row:
    limit = settings.alarms.errors_5xx_per_5_minutes
    errors = metrics.errors(cdk.Duration.minutes(5))
    times = [metrics.load_balancer("TargetResponseTime", statistic, statistic) for statistic in ("p50", "p95", "p99")]
    latency = (settings.alarms.release_p95_seconds, "p95 that ends a release")
    return [
        _graph("Requests a minute", left=[metrics.load_balancer("RequestCount", label="requests")]),
        _graph("5xx answers in 5 minutes", left=[errors], threshold=(limit, f"alarm at {limit}")),
        _graph("Response time (s)", left=times, threshold=latency),
    ]


def _tasks(metrics: Metrics, settings: Settings) -> Row:
    return [
        _graph(
            "Targets",
            left=[
                metrics.targets(group, "HealthyHostCount", "Minimum", f"{name} healthy", COLORS[name])
                for name, group in metrics.groups.items()
            ],
            right=[
                metrics.targets(group, "UnHealthyHostCount", "Maximum", f"{name} unhealthy")
                for name, group in metrics.groups.items()
            ],
        ),
        _percent(metrics, "CPU", "CPUUtilization", settings.alarms.cpu_percent),
        _percent(metrics, "Memory", "MemoryUtilization", settings.alarms.memory_percent),
    ]


def _database(metrics: Metrics, settings: Settings) -> Row:
    limit = settings.alarms.database_connections
    return [
        _graph(
            f"Database connections, of {settings.database.max_connections}",
            left=[metrics.database("DatabaseConnections", "Maximum", "connections")],
            threshold=(limit, f"alarm at {limit}"),
        ),
        _graph("Database CPU (%)", left=[metrics.database("CPUUtilization", label="CPU")]),
        _graph(
            "Database: free storage, free memory (bytes)",
            left=[metrics.database("FreeStorageSpace", "Minimum", "storage")],
            right=[metrics.database("FreeableMemory", "Minimum", "memory")],
        ),
    ]


def _releases(metrics: Metrics, settings: Settings) -> Row:
    alarms = settings.alarms
    return [
        cloudwatch.GraphWidget(
            title="Release: requests by target group",
            left=[
                metrics.targets(group, "RequestCount", "Sum", name, COLORS[name])
                for name, group in metrics.groups.items()
            ],
            stacked=True,
            width=WIDTH // 3,
        ),
        _graph(
            "Release: share of 5xx in the worse group (%)",
            left=[metrics.release_error_percent(alarms.release_min_requests)],
            threshold=(alarms.release_error_percent, "ends a release"),
        ),
        _graph(
            "Release: p95 of the slower group (s)",
            left=[metrics.release_p95_seconds(alarms.release_min_requests)],
            threshold=(alarms.release_p95_seconds, "ends a release"),
        ),
    ]


def _log(log_group: str) -> Row:
    return [
        cloudwatch.LogQueryWidget(
            title="Newest errors in the service's log",
            log_group_names=[log_group],
            query_lines=[
                "fields @timestamp, @message, @logStream",
                "filter @message like /(?i)(error|exception|fatal|unhandled)/",
                "sort @timestamp desc",
                "limit 50",
            ],
            width=WIDTH,
            height=8,
        )
    ]


def _percent(metrics: Metrics, title: str, metric: str, limit: int) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=f"{title} of the service (%)",
        left=[metrics.service(metric, label="average"), metrics.service(metric, "Maximum", "maximum")],
        left_y_axis=cloudwatch.YAxisProps(min=0, max=100),
        left_annotations=[_line(limit, f"alarm at {limit} %")],
        width=WIDTH // 3,
    )


def _graph(
    title: str,
    *,
    left: Sequence[cloudwatch.IMetric],
    right: Sequence[cloudwatch.IMetric] = (),
    threshold: tuple[float, str] | None = None,
) -> cloudwatch.GraphWidget:
    """A graph from zero, three in a row, with a line where its alarm begins."""
    zero = cloudwatch.YAxisProps(min=0)
    return cloudwatch.GraphWidget(
        title=title,
        left=list(left),
        right=list(right),
        left_y_axis=zero,
        right_y_axis=zero,
        left_annotations=[_line(*threshold)] if threshold else [],
        width=WIDTH // 3,
    )


def _line(value: float, label: str) -> cloudwatch.HorizontalAnnotation:
    return cloudwatch.HorizontalAnnotation(value=value, label=label, color=cloudwatch.Color.RED)
