"""How many tasks there are: by load, at nights and weekends, and when the budget is spent."""

import json
from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.arns import allow, arn_of, colon_arn, of_this_account
from constructs_lib.compute.budget_pause import BudgetPause
from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.service import ApiService
from installation.names import Names
from installation.settings import Settings
from installation.settings.schedule import DATABASE_DELAY, DATABASE_LEAD, TASKS_LEAD, ScheduleSettings
from installation.settings.service import AutoscalingSettings

_TARGET: Final = "arn:aws:scheduler:::aws-sdk:"
_OVER: Final = "The pause is over; from now on CloudWatch counts healthy targets again."
# Out at once, in slowly: a task too many for five minutes costs less than users who wait.
_SCALE_OUT_SECONDS: Final = 60
_SCALE_IN_SECONDS: Final = 300


class Pauses(Construct):
    """Schedules that call AWS's interfaces themselves; no function runs (decision record 40).

    Args:
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
        database = {"DbInstanceIdentifier": names.database}  # The name in the SDK for Java, which Scheduler uses
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
        alarm = colon_arn(self, "cloudwatch", "alarm", names.no_target_alarm)
        statements = [
            allow("ecs:UpdateService", service),
            allow("rds:StartDBInstance rds:StopDBInstance", colon_arn(self, "rds", "db", names.database)),
            allow("cloudwatch:DisableAlarmActions cloudwatch:EnableAlarmActions cloudwatch:SetAlarmState", alarm),
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


class Autoscaling(Construct):
    """A scalable target and its policy.

    No template changes the service for it: Application Auto Scaling sets the desired count through ECS, by its
    service-linked role, which AWS uses where no role is named.

    Requests are counted over both target groups, because the predefined metric watches one of them only and a
    release moves production to the other (containers-roadmap #1681). Both serve during a release only, and nothing
    scales then (`ops.service.autoscaling`).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: AutoscalingSettings,
        service: ApiService,
        metrics: Metrics,
    ) -> None:
        super().__init__(scope, construct_id)
        target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=names.scalable_target,
            min_capacity=settings.least,
            max_capacity=settings.most,
        )
        target.node.add_dependency(service.service)
        scaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name=names.service,
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=_policy(settings, metrics),
        )


def _policy(
    settings: AutoscalingSettings, metrics: Metrics
) -> scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    target = settings.cpu_percent or settings.requests_per_target or 0
    cpu = scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
        predefined_metric_type="ECSServiceAverageCPUUtilization"
    )
    return scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=target,
        scale_out_cooldown=_SCALE_OUT_SECONDS,
        scale_in_cooldown=_SCALE_IN_SECONDS,
        predefined_metric_specification=cpu if settings.cpu_percent else None,
        customized_metric_specification=None if settings.cpu_percent else _requests(metrics),
    )


def _requests(metrics: Metrics) -> scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty:
    """Requests per minute and task, whichever group serves; the idle group reports nothing, which counts as zero.

    Without FILL: the newest minute has no data yet, and FILL would make it a minute without requests. The alarm that
    adds tasks, on three minutes of three, might then never be raised. A sum of two series takes a missing value for
    zero where the other series has one (CloudWatch user guide, "Using metric math", FILL and basic arithmetic).
    """
    of_groups = [
        scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
            id=colour,
            metric_stat=scaling.CfnScalingPolicy.TargetTrackingMetricStatProperty(
                metric=scaling.CfnScalingPolicy.TargetTrackingMetricProperty(
                    namespace="AWS/ApplicationELB",
                    metric_name="RequestCountPerTarget",
                    dimensions=[
                        scaling.CfnScalingPolicy.TargetTrackingMetricDimensionProperty(name=name, value=value)
                        for name, value in (("LoadBalancer", metrics.load_balancer_name), ("TargetGroup", group))
                    ],
                ),
                stat="Sum",
            ),
            return_data=False,
        )
        for colour, group in metrics.groups.items()
    ]
    both = scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
        id="requests", expression="blue + green", label="Requests a minute and task", return_data=True
    )
    return scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty(metrics=[*of_groups, both])


def change_task_count(
    scope: Construct,
    *,
    settings: Settings,
    service: ApiService,
    metrics: Metrics,
    limit_topic: sns.ITopic | None,
    alert_topic: sns.ITopic,
) -> None:
    """Add what changes the number of tasks, as far as the settings ask for it.

    Args:
        limit_topic: topic that AWS Budgets notifies when the budget is spent; None: nothing pauses the month then.
        alert_topic: topic that a pause notifies.
    """
    names, scaling, schedule = settings.names, settings.service.autoscaling, settings.schedule
    if scaling:
        Autoscaling(scope, "Autoscaling", names=names, settings=scaling, service=service, metrics=metrics)
    if schedule:
        Pauses(scope, "Pauses", names=names, settings=schedule, tasks=settings.service.desired_count)
    if limit_topic:
        BudgetPause(scope, "BudgetPause", settings=settings, topic=limit_topic, alert_topic=alert_topic)
