"""Alarms on a month's budget of failures that is spent too fast."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.telling_alarms import MORE_THAN, TellingAlarms
from installation.names import Names
from installation.objective_settings import LONG_MINUTES, SHORT_MINUTES, ObjectiveSettings
from installation.settings import Settings


class BurnAlarms(TellingAlarms):
    """One for availability and one for latency, each over two windows (decision record 39).

    An alarm of CloudWatch looks at one period, so each window is an alarm of its own that tells nobody, and a composite
    alarm tells when both sound.

    Args:
        scope: the ephemeral stack that they live in.
        construct_id: their id there.
        names: the installation's names.
        metrics: what is watched.
        settings: the objectives.
        topic: the alert topic.

    Attributes:
        all: those that tell, in the order in which a person looks at them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        metrics: Metrics,
        settings: Settings,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id, settings=settings, topic=topic)
        objectives = settings.objectives
        spent = f"at least {objectives.burn_rate:g} times as fast as it would last the month"
        self.all = [
            self._both(
                "Availability",
                name=names.availability_alarm,
                description=f"The month's budget of failures (objective {objectives.availability_percent:g} %) is "
                f"spent {spent}: more than {objectives.availability_limit:g} % of answers were 5xx",
                windows={
                    minutes: self._window(
                        "Availability",
                        minutes=minutes,
                        names=names,
                        metric=metrics.error_percent(objectives.least_requests, cdk.Duration.minutes(minutes)),
                        limit=objectives.availability_limit,
                    )
                    for minutes in (SHORT_MINUTES, LONG_MINUTES)
                },
                objectives=objectives,
            ),
            self._both(
                "Latency",
                name=names.latency_alarm,
                description=f"The month's budget of late answers (objective {objectives.latency_percent:g} % within "
                f"{objectives.latency_seconds:g} s) is spent {spent}: more than {objectives.latency_limit:g} % of "
                "answers were late",
                windows={
                    minutes: self._window(
                        "Latency",
                        minutes=minutes,
                        names=names,
                        metric=metrics.late_percent(
                            objectives.least_requests, objectives.latency_seconds, cdk.Duration.minutes(minutes)
                        ),
                        limit=objectives.latency_limit,
                    )
                    for minutes in (SHORT_MINUTES, LONG_MINUTES)
                },
                objectives=objectives,
            ),
        ]

    def _window(
        self, objective: str, *, minutes: int, names: Names, metric: cloudwatch.IMetric, limit: float
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            f"{objective}{minutes}",
            alarm_name=names.window_alarm(objective.lower(), minutes),
            alarm_description=f"A window of the alarm on {objective.lower()}; tells nobody by itself.",
            metric=metric,
            threshold=limit,
            comparison_operator=MORE_THAN,
            evaluation_periods=1,
            # No data: nobody asked.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _both(
        self,
        construct_id: str,
        *,
        name: str,
        description: str,
        windows: dict[int, cloudwatch.Alarm],
        objectives: ObjectiveSettings,
    ) -> cloudwatch.CompositeAlarm:
        lengths = " and in the last ".join(str(minutes) for minutes in windows)
        alarm = cloudwatch.CompositeAlarm(
            self,
            construct_id,
            composite_alarm_name=name,
            alarm_description=f"{description} in the last {lengths} minutes, of at least {objectives.least_requests} "
            f"requests in each. {self._settings.alarm_page(name)}",
            alarm_rule=cloudwatch.AlarmRule.all_of(*windows.values()),
        )
        alarm.add_alarm_action(self._tell)
        alarm.add_ok_action(self._tell)
        return alarm
