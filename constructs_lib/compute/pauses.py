"""Nights and weekends: no tasks and a stopped database, by EventBridge Scheduler's own targets."""

import json
from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.arns import arn_of, colon_arn
from constructs_lib.service_principal import of_this_account
from installation.names import Names
from installation.settings.schedule import DATABASE_DELAY, DATABASE_LEAD, TASKS_LEAD, ScheduleSettings

_TARGET: Final = "arn:aws:scheduler:::aws-sdk:"
_OVER: Final = "The pause is over; from now on CloudWatch counts healthy targets again."


class Pauses(Construct):
    """Schedules that call AWS's interfaces themselves; no function runs (decision record 40).

    Args:
        settings: days and hours.
        tasks: how many tasks there are when the service runs.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: ScheduleSettings, tasks: int
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._zone = settings.time_zone
        self._role = self._make_role()
        service = {"Cluster": names.cluster, "Service": names.service}
        # The name in the SDK for Java, which Scheduler uses.
        database = {"DbInstanceIdentifier": names.database}
        alarm = {"AlarmNames": [names.no_target_alarm]}
        begin, end = settings.begin, settings.end
        self._call("PauseAlarm", settings.cron(end, daily=True), "cloudwatch:disableAlarmActions", alarm)
        self._call("PauseTasks", settings.cron(end, 1, daily=True), "ecs:updateService", service | {"DesiredCount": 0})
        # Daily, so that a database that RDS started after seven days is stopped again.
        self._call("PauseDatabase", settings.cron(end, DATABASE_DELAY, daily=True), "rds:stopDBInstance", database)
        self._call("ResumeDatabase", settings.cron(begin, -DATABASE_LEAD), "rds:startDBInstance", database)
        self._call(
            "ResumeTasks", settings.cron(begin, -TASKS_LEAD), "ecs:updateService", service | {"DesiredCount": tasks}
        )
        self._call("ResumeAlarm", settings.cron(begin), "cloudwatch:enableAlarmActions", alarm)
        # An alarm notifies of changes of its state only (CloudWatch user guide, "Alarm actions"), and this one has been
        # in ALARM since the evening. With tasks it returns to OK; without, CloudWatch sets ALARM again, and notifies.
        state = {"AlarmName": names.no_target_alarm, "StateValue": "OK", "StateReason": _OVER}
        self._call("ResumeAlarmState", settings.cron(begin, 1), "cloudwatch:setAlarmState", state)

    def _make_role(self) -> iam.Role:
        names = self._names
        service = arn_of(self, "ecs", "service", f"{names.cluster}/{names.service}")
        statements = [
            iam.PolicyStatement(actions=["ecs:UpdateService"], resources=[service]),
            iam.PolicyStatement(
                actions=["rds:StartDBInstance", "rds:StopDBInstance"],
                resources=[colon_arn(self, "rds", "db", names.database)],
            ),
            iam.PolicyStatement(
                actions=["cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions", "cloudwatch:SetAlarmState"],
                resources=[colon_arn(self, "cloudwatch", "alarm", names.no_target_alarm)],
            ),
        ]
        return iam.Role(
            self,
            "Role",
            role_name=names.pause_role,
            assumed_by=of_this_account(self, "scheduler.amazonaws.com"),
            inline_policies={"Task": iam.PolicyDocument(statements=statements)},
        )

    def _call(self, construct_id: str, expression: str, call: str, request: Mapping[str, object]) -> None:
        # Not the L1: its module would be loaded at each synthesis, also where there are no schedules.
        cdk.CfnResource(
            self,
            construct_id,
            type="AWS::Scheduler::Schedule",
            properties={
                "Name": self._names.pause_schedule(construct_id),
                "Description": f"{call} for nights and weekends",
                "ScheduleExpression": expression,
                "ScheduleExpressionTimezone": self._zone,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "State": "ENABLED",
                "Target": {
                    "Arn": f"{_TARGET}{call}",
                    "RoleArn": self._role.role_arn,
                    "Input": json.dumps(request, separators=(",", ":")),
                    # A refusal, such as stopping a stopped database, repeats itself; throttling passes.
                    "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 3},
                },
            },
        )
