"""What is used of the emulator's Budgets, under plain names (see ``EmulatorFunction``)."""

from ministack.services import budgets

from embedded_aws.core.patching import EmulatorFunction, Response

tags = budgets._tags

budget_arn = EmulatorFunction[str](budgets, "_budget_arn")
create_budget = EmulatorFunction[Response](budgets, "_create_budget")
delete_budget = EmulatorFunction[Response](budgets, "_delete_budget")
update_budget = EmulatorFunction[Response](budgets, "_update_budget")
