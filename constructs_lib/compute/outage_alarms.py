"""Alarms on an outage of the service, with or without requests."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from constructs_lib.compute.notifying_alarms import LESS_THAN, AlarmContext, NotifyingAlarms
from installation.settings.alarms import AlarmSettings

_PERIOD = cdk.Duration.minutes(15)


class OutageAlarms(NotifyingAlarms):
    """No healthy target, and tasks that fail again and again.

    Neither ends a release: a release that repairs an outage begins while they are in ALARM.

    Attributes:
        all: both, in the order in which they are shown.
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
