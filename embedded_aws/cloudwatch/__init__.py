"""CloudWatch with effects: log lines become metrics, and metrics change the states of alarms."""

from embedded_aws.cloudwatch import (
    alarms_by_query,
    composite_alarms,
    expression_alarms,
    filtered_events,
    log_events,
    metric_data,
    metric_filters,
    percentile_rank,
)
from embedded_aws.cloudwatch.alarms import AlarmEvaluation
from embedded_aws.core.background import every_minute
from embedded_aws.core.context import ServerContext


def install(context: ServerContext) -> None:
    """Count log lines and evaluate alarms."""
    metric_filters.install()
    log_events.install()
    metric_data.install()
    filtered_events.install()
    expression_alarms.install()
    percentile_rank.install()
    composite_alarms.register_types()
    alarms_by_query.install()
    alarms = AlarmEvaluation(context.clock_factor, context.faults)
    alarms.install()
    every_minute(context, alarms.evaluate_all)
