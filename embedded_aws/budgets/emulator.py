"""The used parts of the emulator's Budgets, under plain names (see ``EmulatorFunction``)."""

from ministack.services import budgets as service

from embedded_aws.core.patching import EmulatorFunction, Response

budgets = service._budgets
notifications = service._notification_store
tags = service._tags

budget_arn = EmulatorFunction[str](service, "_budget_arn")
create_budget = EmulatorFunction[Response](service, "_create_budget")
delete_budget = EmulatorFunction[Response](service, "_delete_budget")
update_budget = EmulatorFunction[Response](service, "_update_budget")
