"""What alarms have in common: each notifies a topic when it begins and when it is over."""

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.compute.metrics import Metrics
from installation.settings import Settings

FIVE_MINUTES: Final = cdk.Duration.minutes(5)
AT_LEAST: Final = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
MORE_THAN: Final = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
LESS_THAN: Final = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
# For a metric that is reported each minute: missing data keeps the state. INSUFFICIENT_DATA would notify of each return
# to OK, such as the end of a pause.
KEEP_STATE: Final = cloudwatch.TreatMissingData.IGNORE


@dataclass(frozen=True, kw_only=True)
class AlarmContext:
    """What alarms measure, and the topic that they notify."""

    metrics: Metrics
    settings: Settings  # the installation's; each description ends with the address of the alarm's chapter
    topic: sns.ITopic  # the alert topic, which outlives the month with its confirmed subscription


class NotifyingAlarms(Construct):
    """Alarms that notify a topic when they begin and when they are over. Each decides what missing data means.

    The attribute `all` of a subclass with several has them in the order in which they are shown.
    """

    def __init__(self, scope: Construct, construct_id: str, context: AlarmContext) -> None:
        super().__init__(scope, construct_id)
        self._settings, self._metrics = context.settings, context.metrics
        self._names = context.settings.names
        self._notify = actions.SnsAction(context.topic)

    def _alarm(
        self,
        construct_id: str,
        *,
        name: str,
        description: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        periods: int,
        missing: cloudwatch.TreatMissingData,
        bad_periods: int | None = None,
        comparison: cloudwatch.ComparisonOperator = AT_LEAST,
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=name,
            alarm_description=f"{description} {self._settings.alarm_page(name)}",
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=periods,
            datapoints_to_alarm=bad_periods or periods,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(self._notify)
        alarm.add_ok_action(self._notify)
        return alarm
