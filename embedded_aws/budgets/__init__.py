"""AWS Budgets: the resource type, and notifications, which the emulator stores but does not send.

``POST /_hannibal/budgets`` with ``{"actual": 51.2}`` sets the account's costs of this month. A notification of actual
costs is sent once when its threshold is exceeded, until they are below it again, as AWS Budgets does in a month.
"""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from embedded_aws.budgets import emulator
from embedded_aws.cloudformation.registry import Change, Created, Properties, generated_name, register, tag_list
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.core.control import Control
from embedded_aws.core.json_value import JsonValue, json_object
from embedded_aws.core.refusal import gone_is_fine, json_call
from embedded_aws.sns import emulator as sns

_SERVICE = "Budgets"
_PERCENT: Final = 100


def register_types() -> None:
    """Let templates use budgets."""
    # The schema also names Budget/BudgetName as create-only, which ``_update`` handles.
    register(name="AWS::Budgets::Budget", create=_create, update=_update, delete=_delete)


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties["Budget"].get("BudgetName") or generated_name(stack, logical_id, longest=100)
    json_call(_SERVICE, emulator.create_budget, _request(name, properties))
    return name, {}


def _update(change: Change) -> Created:
    name = change.new["Budget"].get("BudgetName") or change.physical_id
    if name != change.physical_id:
        created = _create(change.logical_id, change.new, change.stack)
        _delete(change.physical_id, change.old)
        return created
    json_call(_SERVICE, emulator.update_budget, {"NewBudget": _request(name, change.new)["Budget"]})
    arn = emulator.budget_arn(name)
    emulator.tags[arn] = {tag["Key"]: tag["Value"] for tag in tag_list(change.new, "ResourceTags")}
    return name, {}


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        json_call(_SERVICE, emulator.delete_budget, {"BudgetName": physical_id})


def _request(name: str, properties: Properties) -> Properties:
    named = {**properties["Budget"], "BudgetName": name}
    return request_of("budgets", "CreateBudget", {**properties, "Budget": named})


def install(control: Control) -> None:
    """Let a rehearsal set the costs of a month."""
    control.add("budgets", _answer)


def _answer(method: str, body: bytes) -> tuple[int, JsonValue]:
    if method != "POST":
        return 200, sorted(emulator.budgets)
    actual = (json_object(body) or {}).get("actual")
    if not isinstance(actual, int | float):
        return 400, {"message": "actual: the month's costs in US dollars"}
    return 200, {"told": [topic for name in sorted(emulator.budgets) for topic in _spend(name, float(actual))]}


def _spend(name: str, actual: float) -> Iterator[str]:
    """Store the costs and send the notifications; yield the topics that were notified."""
    budget = emulator.budgets[name]
    budget["CalculatedSpend"] = {"ActualSpend": {"Amount": f"{actual:.3f}", "Unit": "USD"}}
    for entry in emulator.notifications.get(name, []):
        notification = entry["notification"]
        if notification["NotificationType"] != "ACTUAL":
            continue
        passed = _exceeds_threshold(notification, float(budget["BudgetLimit"]["Amount"]), actual)
        before, notification["NotificationState"] = notification["NotificationState"], "ALARM" if passed else "OK"
        if not passed or before == "ALARM":
            continue
        for subscriber in entry["subscribers"]:
            if subscriber["SubscriptionType"] == "SNS":
                words = f"AWS Budgets: {name} has exceeded your alert threshold. ACTUAL Amount: ${actual:.2f}"
                sns.fan_out(subscriber["Address"], str(uuid.uuid4()), words, f"AWS Budgets: {name}")
                yield subscriber["Address"]


def _exceeds_threshold(notification: dict[str, Any], limit: float, actual: float) -> bool:
    threshold = float(notification["Threshold"])
    if notification.get("ThresholdType", "PERCENTAGE") == "PERCENTAGE":
        threshold *= limit / _PERCENT
    return actual > threshold if notification["ComparisonOperator"] == "GREATER_THAN" else actual < threshold
