"""GuardrailStack: the alert topic and what watches the bill."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Match

from installation import names
from installation.settings import Settings
from installation.settings.file import load_settings
from stacks.persistent.guardrail import GuardrailStack
from tests.support.synthesis import Synthesized, changed

PUBLISHERS = {"cloudwatch.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com"}


def guardrail(settings: Settings, **fields: Any) -> Synthesized:
    return Synthesized(GuardrailStack, names.GUARDRAIL_STACK, changed(settings, guardrail=fields))


@pytest.fixture(scope="module")
def plain(settings: Settings) -> Synthesized:
    return guardrail(settings)


@pytest.fixture(scope="module")
def complete(settings: Settings) -> Synthesized:
    """With address, anomaly alerts, and a warning at the whole budget."""
    return guardrail(settings, alert_email="team@example.com", cost_anomaly_alerts=True, actual_percent=100)


def statements(synthesized: Synthesized) -> list[dict[str, Any]]:
    (policy,) = synthesized.properties("AWS::SNS::TopicPolicy")
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def thresholds(synthesized: Synthesized) -> list[tuple[str, int]]:
    (budget,) = synthesized.properties("AWS::Budgets::Budget")
    notifications = [entry["Notification"] for entry in budget["NotificationsWithSubscribers"]]
    assert {notification["ThresholdType"] for notification in notifications} == {"PERCENTAGE"}
    return [(notification["NotificationType"], notification["Threshold"]) for notification in notifications]


def test_services_publish_for_this_account_only(plain: Synthesized) -> None:
    allowed = [statement for statement in statements(plain) if statement["Effect"] == "Allow"]

    assert {statement["Principal"]["Service"] for statement in allowed} == PUBLISHERS
    for statement in allowed:
        assert statement["Action"] == "sns:Publish"
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_topic_takes_messages_by_tls_only(plain: Synthesized) -> None:
    denied = [statement for statement in statements(plain) if statement["Effect"] == "Deny"]

    assert [(statement["Action"], statement["Condition"]) for statement in denied] == [
        ("sns:Publish", {"Bool": {"aws:SecureTransport": "false"}})
    ]


def test_topic_has_the_name_that_others_know(plain: Synthesized) -> None:
    plain.template.has_resource_properties("AWS::SNS::Topic", {"TopicName": "nestjs-hannibal-3-alerts"})


def test_without_an_address_there_is_no_subscription(plain: Synthesized) -> None:
    plain.template.resource_count_is("AWS::SNS::Subscription", 0)


def test_the_address_is_subscribed(complete: Synthesized) -> None:
    complete.template.has_resource_properties(
        "AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": "team@example.com"}
    )


def test_budget_of_the_guide(plain: Synthesized) -> None:
    plain.template.has_resource_properties(
        "AWS::Budgets::Budget",
        {
            "Budget": Match.object_like(
                {"BudgetLimit": {"Amount": 50, "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
            )
        },
    )
    assert thresholds(plain) == [("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]


def test_budget_of_production() -> None:
    production = Synthesized(GuardrailStack, names.GUARDRAIL_STACK, load_settings("prod"))

    (budget,) = production.properties("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"]["Amount"] == 250


def test_credits_do_not_hide_what_is_spent(plain: Synthesized) -> None:
    (budget,) = plain.properties("AWS::Budgets::Budget")

    assert budget["Budget"]["CostTypes"] == {"IncludeCredit": False, "IncludeRefund": False}


def test_the_budget_notifies_the_topic_and_waits_for_its_policy(plain: Synthesized) -> None:
    (topic,) = plain.of_type("AWS::SNS::Topic")
    (policy,) = plain.of_type("AWS::SNS::TopicPolicy")
    (budget,) = plain.of_type("AWS::Budgets::Budget").values()

    assert {topic, policy} <= set(budget["DependsOn"])
    for notification in budget["Properties"]["NotificationsWithSubscribers"]:
        assert notification["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": topic}}]


def test_a_threshold_is_not_given_twice(complete: Synthesized) -> None:
    assert thresholds(complete) == [("ACTUAL", 100), ("FORECASTED", 100)]


def test_another_threshold_gives_another_name(plain: Synthesized, complete: Synthesized) -> None:
    (before,) = plain.properties("AWS::Budgets::Budget")
    (after,) = complete.properties("AWS::Budgets::Budget")

    assert before["Budget"]["BudgetName"] == "nestjs-hannibal-3-monthly-80-percent"
    assert after["Budget"]["BudgetName"] == "nestjs-hannibal-3-monthly-100-percent"


def test_anomaly_alerts_are_off_by_default(plain: Synthesized) -> None:
    plain.template.resource_count_is("AWS::CE::AnomalyMonitor", 0)
    plain.template.resource_count_is("AWS::CE::AnomalySubscription", 0)


def test_anomaly_alerts_by_setting(complete: Synthesized) -> None:
    (topic,) = complete.of_type("AWS::SNS::Topic")
    (monitor,) = complete.of_type("AWS::CE::AnomalyMonitor")
    (subscription,) = complete.of_type("AWS::CE::AnomalySubscription").values()

    properties = subscription["Properties"]
    assert properties["Frequency"] == "IMMEDIATE"
    assert properties["MonitorArnList"] == [{"Fn::GetAtt": [monitor, "MonitorArn"]}]
    assert properties["Subscribers"] == [{"Type": "SNS", "Address": {"Ref": topic}}]
    assert json.loads(properties["ThresholdExpression"])["Dimensions"]["Values"] == ["5"]


def test_it_prints_what_runbook_commands_need(plain: Synthesized) -> None:
    assert set(plain.json["Outputs"]) == {"AlertTopicArn", "BudgetName"}


def test_a_spent_budget_writes_to_a_topic_of_its_own(settings: Settings) -> None:
    """The alert topic will not do: each alarm would pause the month."""
    acting = guardrail(settings, pause_at_limit=True)
    name = settings.names.limit_topic
    (topic,) = (key for key, it in acting.of_type("AWS::SNS::Topic").items() if it["Properties"]["TopicName"] == name)
    policies = acting.properties("AWS::SNS::TopicPolicy")
    (policy,) = (it for it in policies if it["Topics"] == [{"Ref": topic}])
    allowed = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"]
    budgets = {it["Budget"]["BudgetName"]: it for it in acting.properties("AWS::Budgets::Budget")}
    limit = budgets[settings.names.limit_budget]

    assert [it["Principal"] for it in allowed] == [{"Service": "budgets.amazonaws.com"}]
    assert len(budgets) == 2
    assert limit["Budget"]["BudgetLimit"] == {"Amount": settings.guardrail.monthly_budget_usd, "Unit": "USD"}
    ((entry),) = limit["NotificationsWithSubscribers"]
    assert (entry["Notification"]["NotificationType"], entry["Notification"]["Threshold"]) == ("ACTUAL", 100)
    assert entry["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": topic}}]


def test_without_the_setting_there_is_one_topic_and_one_budget(plain: Synthesized) -> None:
    plain.template.resource_count_is("AWS::SNS::Topic", 1)
    plain.template.resource_count_is("AWS::Budgets::Budget", 1)
