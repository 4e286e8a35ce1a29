"""Alarms that tell people."""

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
# What no data mean from what reports each minute: the state stays as it was. As "unknown" it would tell of each way
# back to OK, and the end of a pause, by hand or by the schedule, is one.
KEEP_STATE: Final = cloudwatch.TreatMissingData.IGNORE


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What alarms look at, and whom they tell."""

    metrics: Metrics
    settings: Settings  # the installation's; each description ends with the address of the alarm's chapter
    topic: sns.ITopic  # the alert topic, which outlives the month with its confirmed subscription


class TellingAlarms(Construct):
    """Alarms that tell a topic when they begin and when they are over. What missing data means is decided for each."""

    def __init__(self, scope: Construct, construct_id: str, watched: Watched) -> None:
        super().__init__(scope, construct_id)
        self._settings, self._metrics = watched.settings, watched.metrics
        self._names = watched.settings.names
        self._tell = actions.SnsAction(watched.topic)

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
        alarm.add_alarm_action(self._tell)
        alarm.add_ok_action(self._tell)
        return alarm
