"""CloudWatch that acts: log lines become metrics, and metrics set off alarms."""

import asyncio

from embedded_aws.cloudwatch import (
    alarms_by_query,
    composite_alarms,
    expression_alarms,
    filtered_events,
    metric_filters,
    percentile_rank,
)
from embedded_aws.cloudwatch.alarms import AlarmEvaluation
from embedded_aws.core.context import ServerContext
from embedded_aws.core.emulator import loop


def install(context: ServerContext) -> None:
    """Count log lines and evaluate alarms."""
    metric_filters.install()
    filtered_events.install()
    expression_alarms.install()
    percentile_rank.install()
    composite_alarms.register_types()
    alarms_by_query.install()
    alarms = AlarmEvaluation(context.clock_factor)
    alarms.install()
    # The server's loop is the one that answers requests: alarms change between two of them, never during one.
    context.on_start(lambda: _start(alarms))


def _start(alarms: AlarmEvaluation) -> None:
    asyncio.run_coroutine_threadsafe(alarms.run(), loop())
