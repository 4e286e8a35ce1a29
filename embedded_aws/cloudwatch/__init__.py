"""CloudWatch with effects: log lines become metrics, and metrics change the states of alarms."""

from embedded_aws.cloudwatch import alarm_requests, filtered_events, log_events, metric_data
from embedded_aws.cloudwatch.alarms import AlarmEvaluation
from embedded_aws.core.background import every_minute
from embedded_aws.core.context import ServerContext


def install(context: ServerContext) -> None:
    """Count log lines and evaluate alarms."""
    for part in (log_events, metric_data, filtered_events, alarm_requests):
        part.install()
    alarms = AlarmEvaluation(context.clock_factor, context.faults)
    alarms.install()
    every_minute(context, alarms.evaluate_all)
