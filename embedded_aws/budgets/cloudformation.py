"""``AWS::Budgets::Budget``."""

from embedded_aws.budgets import emulator
from embedded_aws.cloudformation.registry import Change, Created, Properties, generated_name, register, tag_list
from embedded_aws.cloudformation.requests import request_of
from embedded_aws.core.refusal import gone_is_fine, json_call

_SERVICE = "Budgets"


def register_types() -> None:
    """Let templates use budgets."""
    register(
        name="AWS::Budgets::Budget",
        create=_create,
        update=_update,
        delete=_delete,
        # The schema also names Budget/BudgetName, which ``_update`` handles.
    )


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
