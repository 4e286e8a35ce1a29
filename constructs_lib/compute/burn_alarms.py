"""Alarms on a month's error budget that is being spent too fast."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.compute.notifying_alarms import MORE_THAN, AlarmContext, NotifyingAlarms
from installation.settings.objectives import LONG_MINUTES, SHORT_MINUTES, ObjectiveSettings


class BurnAlarms(NotifyingAlarms):
    """One for availability and one for latency, each over two windows (decision record 39).

    A CloudWatch alarm has one period, so each window of availability is an alarm of its own that notifies nobody,
    and a composite alarm notifies when both are in ALARM.

    Attributes:
        all: the alarms that notify, in the order in which they are shown.
    """

    def __init__(self, scope: Construct, construct_id: str, context: AlarmContext) -> None:
        super().__init__(scope, construct_id, context)
        objectives = context.settings.objectives
        spent = f"at least {objectives.burn_rate:g} times as fast as it would last the month"
        self.all: list[cloudwatch.AlarmBase] = [
            self._availability(objectives, spent),
            self._latency(objectives, spent),
        ]

    def _availability(self, objectives: ObjectiveSettings, spent: str) -> cloudwatch.CompositeAlarm:
        """Notifies within five minutes: the long window shows that it matters, the short one that it goes on."""
        name = self._names.availability_alarm
        windows = [
            self._window(
                minutes=minutes,
                metric=self._metrics.error_percent(objectives.least_requests, cdk.Duration.minutes(minutes)),
                limit=objectives.availability_limit,
            )
            for minutes in (SHORT_MINUTES, LONG_MINUTES)
        ]
        alarm = cloudwatch.CompositeAlarm(
            self,
            "Availability",
            composite_alarm_name=name,
            alarm_description=f"The month's error budget (objective {objectives.availability_percent:g} %) is "
            f"spent {spent}: more than {objectives.availability_limit:g} % of answers were 5xx in the last "
            f"{SHORT_MINUTES} and in the last {LONG_MINUTES} minutes, of at least {objectives.least_requests} requests "
            f"in each. {self._settings.alarm_page(name)}",
            alarm_rule=cloudwatch.AlarmRule.all_of(*windows),
        )
        alarm.add_alarm_action(self._notify)
        alarm.add_ok_action(self._notify)
        return alarm

    def _latency(self, objectives: ObjectiveSettings, spent: str) -> cloudwatch.Alarm:
        """Two short windows in a row, in one alarm: slow answers may be detected after ten minutes."""
        return self._alarm(
            "Latency",
            name=self._names.latency_alarm,
            description=f"The month's latency error budget (objective {objectives.latency_percent:g} % within "
            f"{objectives.latency_seconds:g} s) is spent {spent}: more than {objectives.latency_limit:g} % of answers "
            f"were late in both halves of the last {LONG_MINUTES} minutes, of at least {objectives.least_requests} "
            "requests in each.",
            metric=self._metrics.late_percent(
                objectives.least_requests, objectives.latency_seconds, cdk.Duration.minutes(SHORT_MINUTES)
            ),
            threshold=objectives.latency_limit,
            comparison=MORE_THAN,
            periods=LONG_MINUTES // SHORT_MINUTES,
            # No data: no requests.
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _window(self, *, minutes: int, metric: cloudwatch.IMetric, limit: float) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            f"Availability{minutes}",
            alarm_name=self._names.window_alarm("availability", minutes),
            alarm_description="A window of the alarm on availability; tells nobody by itself.",
            metric=metric,
            threshold=limit,
            comparison_operator=MORE_THAN,
            evaluation_periods=1,
            # No data: no requests.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
