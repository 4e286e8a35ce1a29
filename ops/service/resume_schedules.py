"""The morning schedules, which a spent budget's pause disables until an operator resumes."""

from typing import TYPE_CHECKING, Any

from ops.aws.clients import Aws
from ops.aws.errors import ignoring

if TYPE_CHECKING:
    from mypy_boto3_scheduler.type_defs import GetScheduleOutputTypeDef

# Fields of GetSchedule that UpdateSchedule does not accept. All others must be sent, or they are reset (EventBridge
# Scheduler API reference, UpdateSchedule).
_ANSWERED = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")


def read_disabled_schedules(aws: Aws) -> tuple[str, ...]:
    """Names of disabled ones, so that no morning ends the pause."""
    if not aws.settings.schedule:
        return ()
    found = ((name, _read_schedule(aws, name)) for name in aws.names.resume_schedules)
    return tuple(name for name, schedule in found if schedule and schedule["State"] == "DISABLED")


def enable_schedule(aws: Aws, name: str) -> None:
    """Enable a schedule, and change nothing else of it."""
    found = _read_schedule(aws, name)
    if found:
        wanted: dict[str, Any] = {key: value for key, value in found.items() if key not in _ANSWERED}
        aws.scheduler.update_schedule(**wanted | {"State": "ENABLED"})


def _read_schedule(aws: Aws, name: str) -> "GetScheduleOutputTypeDef | None":
    with ignoring("ResourceNotFoundException"):  # a month without a schedule
        return aws.scheduler.get_schedule(Name=name)
    return None
