"""What is used of the emulator's EventBridge Scheduler and of what it calls (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import cloudwatch, ecs, eventbridge, rds, scheduler

from embedded_aws.core.patching import EmulatorFunction, Response

schedules = scheduler._schedules

disable_alarm_actions = EmulatorFunction[Response](cloudwatch, "_disable_alarm_actions")
enable_alarm_actions = EmulatorFunction[Response](cloudwatch, "_enable_alarm_actions")
invoke_target = EmulatorFunction[Any](eventbridge, "_invoke_target")
start_instance = EmulatorFunction[Response](rds, "_start_db_instance")
stop_instance = EmulatorFunction[Response](rds, "_stop_db_instance")
update_service = EmulatorFunction[Response](ecs, "_update_service")
