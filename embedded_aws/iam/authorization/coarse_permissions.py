"""Services with fewer permissions than operations: AWS Budgets has one for viewing and one for changing.

Operations on budget actions have permissions of their own names.

Source: AWS Billing user guide, "Actions, resources and condition keys for AWS Budgets".
"""

from typing import Any, Final

from ministack.core import iam_actions

from embedded_aws.core.patching import Function, wrap

_BUDGETS: Final = {
    "Describe": "ViewBudget",
    "Create": "ModifyBudget",
    "Update": "ModifyBudget",
    "Delete": "ModifyBudget",
}


def install() -> None:
    """Check this permission in place of one with the operation's name."""
    wrap(iam_actions, "extract_iam_action", _permission)


def _permission(original: Function, service: str, *request: Any) -> str | None:
    action: str | None = original(service, *request)
    call = (action or "").partition(":")[2]
    if service != "budgets" or "BudgetAction" in call:
        return action
    return next((f"budgets:{needed}" for beginning, needed in _BUDGETS.items() if call.startswith(beginning)), action)
