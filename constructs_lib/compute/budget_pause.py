"""The function that pauses the month when its budget is spent."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.arns import allow, arn_of, colon_arn, worldwide_arn
from constructs_lib.handler_function import HandlerFunction
from installation.names import Names
from installation.settings import Settings


class BudgetPause(Construct):
    """A function that pauses the month as `hannibal pause` does, when the budget's topic calls it (decision record 43).

    It exists only during a month. It stops the service's tasks and the database, disables the
    alarm that a pause sets off, and disables the schedules of the morning. It starts and deletes nothing.

    Args:
        topic: topic that AWS Budgets writes to when the budget is spent.
        alert_topic: topic by which people are notified.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, topic: sns.ITopic, alert_topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        names = settings.names
        schedules = names.resume_schedules if settings.schedule else ()
        function = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="budget_pause",
            name=names.budget_pause,
            role_name=names.budget_pause,
            description="Pauses the month when its budget is spent",
            permissions=self._permissions(names, schedules),
            timeout=cdk.Duration.minutes(1),
            environment={
                "ALARM": names.no_target_alarm,
                "BUDGET": names.limit_budget,
                "CLUSTER": names.cluster,
                "DATABASE": names.database,
                "ENVIRONMENT": settings.environment,
                "PROJECT": settings.project,
                "SCHEDULES": " ".join(schedules),
                "SERVICE": names.service,
                "TOPIC": alert_topic.topic_arn,
            },
            # This also allows the function to publish its message to the topic.
            dead_letters=alert_topic,
        ).function
        arn, caller = topic.topic_arn, iam.ServicePrincipal("sns.amazonaws.com")
        function.add_permission("Budget", principal=caller, source_arn=arn)
        sns.CfnSubscription(self, "Subscription", topic_arn=arn, protocol="lambda", endpoint=function.function_arn)

    def _permissions(self, names: Names, schedules: tuple[str, ...]) -> list[iam.PolicyStatement]:
        budget = worldwide_arn(self, "budgets", "budget", names.limit_budget)
        costs = worldwide_arn(self, "billing", "billingview", "primary")
        service = arn_of(self, "ecs", "service", f"{names.cluster}/{names.service}")
        database = colon_arn(self, "rds", "db", names.database)
        alarm = colon_arn(self, "cloudwatch", "alarm", names.no_target_alarm)
        statements = [
            allow("budgets:ViewBudget", budget, sid="KnowBudget"),
            # ViewBudget depends on it (service authorization reference).
            allow("billing:GetBillingViewData", costs, sid="KnowCosts"),
            allow("ecs:UpdateService", service, sid="StopTasks"),
            allow("rds:DescribeDBInstances rds:StopDBInstance", database, sid="StopDatabase"),
            allow("cloudwatch:DisableAlarmActions", alarm, sid="SilenceAlarm"),
        ]
        if schedules:
            mornings = (arn_of(self, "scheduler", "schedule", f"default/{name}") for name in schedules)
            role = worldwide_arn(self, "iam", "role", names.pause_role)
            to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
            statements += [
                allow("scheduler:GetSchedule scheduler:UpdateSchedule", *mornings, sid="DisableMorning"),
                # UpdateSchedule replaces the whole schedule, its role too.
                allow("iam:PassRole", role, sid="KeepRole", conditions=to_scheduler),
            ]
        return statements
