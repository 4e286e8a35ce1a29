"""A monthly budget, and alerts about unusual costs where settings ask for them."""

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from aws_cdk import aws_sns as sns
from constructs import Construct

from installation.settings.guardrail import GuardrailSettings

ALL_OF_IT: Final = 100
ANOMALY_PERCENT: Final = 10  # An unusual cost of so much of the budget, or more, is worth a message


class MonthlyBudget(Construct):
    """A budget that notifies before the money is spent, when it is spent, and when a forecast says that it will be.

    Credits and refunds do not count: while credits last they would keep the sum at zero, and the first real bill
    would come without a warning.

    Args:
        name: beginning of the budget's name.
        topic: topic that alerts are sent to; it must let AWS Budgets publish.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, topic: sns.ITopic, settings: GuardrailSettings
    ) -> None:
        super().__init__(scope, construct_id)
        # Thresholds can only be changed by replacing the budget, and CloudFormation refuses to replace a resource that
        # keeps its name (AWS::Budgets::Budget, createOnlyProperties). So the threshold that is a setting is part of the
        # name.
        self.name = f"{name}-{settings.actual_percent}-percent"
        thresholds = [("ACTUAL", percent) for percent in sorted({settings.actual_percent, ALL_OF_IT})]
        _budget(self, self.name, topic, settings, [*thresholds, ("FORECASTED", ALL_OF_IT)])


class LimitBudget(Construct):
    """A second budget of the same amount, which calls the function that pauses the month (decision record 43).

    A budget of its own: a notification has at most one topic, which in the budget above is the people's, and adding a
    notification to a budget would replace it. Budgets that only notify cost nothing.

    Args:
        topic: topic that it publishes to; the topic must let AWS Budgets publish.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, topic: sns.ITopic, settings: GuardrailSettings
    ) -> None:
        super().__init__(scope, construct_id)
        _budget(self, name, topic, settings, [("ACTUAL", ALL_OF_IT)])


class CostAnomalyAlerts(Construct):
    """Alerts about costs that a service does not usually have, at once, from a tenth of the monthly budget on.

    Args:
        topic: topic that alerts are sent to; it must let AWS Cost Anomaly Detection publish.
        settings: the budget, of which an unusual cost is a share.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, topic: sns.ITopic, settings: GuardrailSettings
    ) -> None:
        super().__init__(scope, construct_id)
        monitor = ce.CfnAnomalyMonitor(
            self, "Monitor", monitor_name=name, monitor_type="DIMENSIONAL", monitor_dimension="SERVICE"
        )
        threshold = {
            "Dimensions": {
                "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                "Values": [str(max(1, settings.monthly_budget_usd * ANOMALY_PERCENT // 100))],
            }
        }
        subscription = ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=name,
            # Only immediate alerts can go to a topic (Cost Explorer API reference, AnomalySubscription, "Frequency").
            frequency="IMMEDIATE",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(type="SNS", address=topic.topic_arn)],
            threshold_expression=json.dumps(threshold),
        )
        # And its policy, because the services check whether they may publish.
        subscription.node.add_dependency(topic)


def _budget(
    scope: Construct, name: str, topic: sns.ITopic, settings: GuardrailSettings, thresholds: Sequence[tuple[str, int]]
) -> None:
    """The month's costs without credits and refunds, and who is notified at which shares, actual or forecast."""
    subscriber = budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)
    budget = budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_name=name,
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget_usd, unit="USD"),
            cost_types=budgets.CfnBudget.CostTypesProperty(include_credit=False, include_refund=False),
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=[subscriber],
            )
            for kind, percent in thresholds
        ],
    )
    # And its policy, because the services check whether they may publish.
    budget.node.add_dependency(topic)
