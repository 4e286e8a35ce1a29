"""``AWS::Budgets::Budget``."""

from embedded_aws.budgets import emulator
from embedded_aws.cloudformation.registry import Change, Created, Properties, generated_name, register, tag_list
from embedded_aws.core.refusal import gone_is_fine, json_call

_SERVICE = "Budgets"


def register_types() -> None:
    """Let templates use budgets."""
    register(
        name="AWS::Budgets::Budget",
        create=_create,
        update=_update,
        delete=_delete,
        # The schema also names Budget/BudgetName, which ``_update`` looks after.
    )


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties["Budget"].get("BudgetName") or generated_name(stack, logical_id, longest=100)
    request = {
        "Budget": _budget(name, properties),
        "NotificationsWithSubscribers": [_notification(entry) for entry in _notifications(properties)],
        "ResourceTags": tag_list(properties, "ResourceTags"),
    }
    json_call(_SERVICE, emulator.create_budget, request)
    return name, {}


def _update(change: Change) -> Created:
    name = change.new["Budget"].get("BudgetName") or change.physical_id
    if name != change.physical_id:
        created = _create(change.logical_id, change.new, change.stack)
        _delete(change.physical_id, change.old)
        return created
    json_call(_SERVICE, emulator.update_budget, {"NewBudget": _budget(name, change.new)})
    arn = emulator.budget_arn(name)
    emulator.tags[arn] = {tag["Key"]: tag["Value"] for tag in tag_list(change.new, "ResourceTags")}
    return name, {}


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        json_call(_SERVICE, emulator.delete_budget, {"BudgetName": physical_id})


def _notifications(properties: Properties) -> list[Properties]:
    return list(properties.get("NotificationsWithSubscribers") or [])


def _budget(name: str, properties: Properties) -> Properties:
    budget = {**properties["Budget"], "BudgetName": name}
    if limit := budget.get("BudgetLimit"):
        # A template has a number; the API has text.
        budget["BudgetLimit"] = {"Amount": str(limit["Amount"]), "Unit": limit["Unit"]}
    return budget


def _notification(entry: Properties) -> Properties:
    notification = {**entry["Notification"], "Threshold": float(entry["Notification"]["Threshold"])}
    return {"Notification": notification, "Subscribers": entry["Subscribers"]}
