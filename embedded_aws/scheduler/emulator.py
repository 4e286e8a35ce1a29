"""The used parts of the emulator's EventBridge Scheduler (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import eventbridge, scheduler

from embedded_aws.core.patching import EmulatorFunction

groups = scheduler._schedule_groups
schedules = scheduler._schedules

invoke_target = EmulatorFunction[Any](eventbridge, "_invoke_target")
