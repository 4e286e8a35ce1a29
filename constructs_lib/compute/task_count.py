"""How many tasks there are: by load, at nights and weekends, and when the budget is spent."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.compute.autoscaling import Autoscaling
from constructs_lib.compute.budget_pause import BudgetPause
from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.pauses import Pauses
from constructs_lib.compute.service import ApiService
from installation.settings import Settings


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
