"""The system's state at one time: healthy or not, and which alarms are in ALARM."""

from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.service.alarms import read_alarms
from ops.service.database_status import read_database
from ops.service.state import read_service
from ops.service.traffic import read_target_groups


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The system's state at one time."""

    troubles: tuple[str, ...]  # what is not healthy, one line each
    sounding: frozenset[str]  # names of alarms in ALARM, without the project's name
    tasks: frozenset[str]  # ids of the running tasks

    @property
    def healthy(self) -> bool:
        """Whether tasks, targets and database are healthy and no alarm is in ALARM."""
        return not self.troubles and not self.sounding


def observe(aws: Aws) -> Observation:
    """Read tasks, targets, database and alarms."""
    service, database = read_service(aws), read_database(aws)
    serving = [group for group in read_target_groups(aws) if group.production_percent]
    running = service.running if service else 0
    troubles = []
    if service is None or not service.steady:
        troubles.append(f"{running} of {service.desired if service else 0} tasks run")
    if not any(group.health.get("healthy") for group in serving):
        troubles.append("no target is healthy")
    if database is None or not database.in_use:
        troubles.append(f"the database is {database.status if database else 'gone'}")
    prefix = f"{aws.settings.project}-"
    alarms = read_alarms(aws)
    return Observation(
        troubles=tuple(troubles),
        sounding=frozenset(alarm.name.removeprefix(prefix) for alarm in alarms if alarm.state == "ALARM"),
        tasks=frozenset(task.task_id for task in service.tasks if task.status == "RUNNING") if service else frozenset(),
    )
