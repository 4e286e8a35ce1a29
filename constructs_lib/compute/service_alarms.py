"""Alarms on an outage of the service, and on error budgets that are spent too fast."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from constructs_lib.compute.notifying_alarms import LESS_THAN, MORE_THAN, AlarmContext, NotifyingAlarms
from installation.settings.alarms import LONG_MINUTES, SHORT_MINUTES, AlarmSettings, ObjectiveSettings

_PERIOD = cdk.Duration.minutes(15)


class OutageAlarms(NotifyingAlarms):
    """No healthy target, and tasks that fail again and again.

    Neither ends a release: a release that repairs an outage begins while they are in ALARM.
    """

    def __init__(
        self, scope: Construct, construct_id: str, context: AlarmContext, *, service: ecs.IBaseService
    ) -> None:
        super().__init__(scope, construct_id, context)
        alarms = context.settings.alarms
        self.all = [self._no_target(alarms, service), self._failures(alarms, service)]

    def _no_target(self, settings: AlarmSettings, service: ecs.IBaseService) -> cloudwatch.Alarm:
        alarm = self._alarm(
            "NoTarget",
            name=self._names.no_target_alarm,
            description=f"Neither target group had a healthy target for {settings.no_target_minutes} minutes: nobody "
            "is answered.",
            metric=self._metrics.healthy_targets(),
            threshold=1,
            comparison=LESS_THAN,
            periods=settings.no_target_minutes,
            # No data: the load balancer has no target, or is gone.
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        # Created when the service is stable and deleted before it: the beginning and the end of a month are no outage.
        alarm.node.add_dependency(service)
        return alarm

    def _failures(self, settings: AlarmSettings, service: ecs.IBaseService) -> cloudwatch.Alarm:
        """Counted by a rule over ECS's events; ECS itself has no metric for them.

        The event SERVICE_TASK_START_IMPAIRED would not do: it is about tasks that never run, not about those that start
        and end again (Amazon ECS developer guide, "Service throttle logic").
        """
        rule = events.Rule(
            self,
            "Failures",
            rule_name=self._names.task_failures_alarm,
            description="Counts tasks of the service that fail; the alarm of this name tells when they are many",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Task State Change"],
                detail={
                    "clusterArn": [service.cluster.cluster_arn],
                    "group": [f"service:{self._names.service}"],
                    "lastStatus": ["STOPPED"],
                    # Tasks that ended by themselves, never ran, or failed health checks. Not tasks that a release or
                    # scaling stops, nor Spot capacity that AWS takes back.
                    "$or": [
                        {"stopCode": ["EssentialContainerExited", "TaskFailedToStart"]},
                        {"stoppedReason": [{"prefix": "Task failed"}]},
                    ],
                },
            ),
        )
        alarm = self._alarm(
            "TaskFailures",
            name=self._names.task_failures_alarm,
            description=f"{settings.task_failures_per_15_minutes} or more tasks of the service failed in 15 minutes: "
            "they ended by themselves, did not start, or failed their health checks.",
            metric=self._metrics.rule(self._names.task_failures_alarm, _PERIOD),
            threshold=settings.task_failures_per_15_minutes,
            periods=1,
            # No data: no task failed.
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.node.add_dependency(rule)
        return alarm


class BurnAlarms(NotifyingAlarms):
    """One for availability and one for latency, each over two windows (decision record 39).

    A CloudWatch alarm has one period, so each window of availability is an alarm of its own that notifies nobody,
    and a composite alarm notifies when both are in ALARM. Only what notifies is in `all`.
    """

    def __init__(self, scope: Construct, construct_id: str, context: AlarmContext) -> None:
        super().__init__(scope, construct_id, context)
        objectives = context.settings.objectives
        spent = f"at least {objectives.burn_rate:g} times as fast as it would last the month"
        self.all: list[cloudwatch.AlarmBase] = [self._availability(objectives, spent), self._latency(objectives, spent)]

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
