"""GuardrailStack: budgets, cost alerts and the alert topic."""

from constructs import Construct

from constructs_lib.guardrail.alert_topic import AlertTopic
from constructs_lib.guardrail.cost_alerts import CostAnomalyAlerts, LimitBudget, MonthlyBudget
from constructs_lib.stack import HannibalStack
from installation.settings import Settings


class GuardrailStack(HannibalStack):
    """Alert topic with its confirmed e-mail subscription, monthly budget, and cost anomaly alerts by setting.

    Attributes:
        limit_topic: topic that AWS Budgets notifies when the budget is spent; None where nothing pauses the month then.
    """

    lifecycle = "persistent"
    purpose = "Alert topic, monthly budget and cost anomaly alerts"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, settings=settings)
        guardrail = settings.guardrail
        self.topic = AlertTopic(self, "Alerts", name=self.names.alert_topic, email=guardrail.alert_email).topic
        budget = MonthlyBudget(self, "Budget", name=self.names.budget, topic=self.topic, settings=guardrail)
        self.limit_topic = None
        if guardrail.pause_at_limit:
            self.limit_topic = AlertTopic(
                self, "Limit", name=self.names.limit_topic, email=None, publishers=("budgets.amazonaws.com",)
            ).topic
            LimitBudget(self, "LimitBudget", name=self.names.limit_budget, topic=self.limit_topic, settings=guardrail)
        if guardrail.cost_anomaly_alerts:
            name = self.names.cost_anomalies
            CostAnomalyAlerts(self, "CostAnomalies", name=name, topic=self.topic, settings=guardrail)
        self.output("AlertTopicArn", self.topic.topic_arn, "Topic that alarms and cost alerts write to")
        self.output("BudgetName", budget.name, "Monthly cost budget")
