"""Plans an exercise: checks whether it can be run now, by the system's state at that time."""

from collections.abc import Iterator
from dataclasses import dataclass

from installation.names import ALL_STACKS
from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.month.exercise.exercise import Exercise
from ops.month.exercise.faults import FaultMethod, faults_in_effect, find_fault_method
from ops.service.alarms import read_alarms
from ops.service.database_status import read_database
from ops.service.deployments import running_release_refusals
from ops.service.ecs_service import no_service, read_service
from ops.service.pauses import is_in_pause
from ops.service.traffic import read_target_groups
from ops.stacks.state import busy_stack_refusals


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The system's state at one time."""

    troubles: tuple[str, ...]  # what is not healthy, one line each
    in_alarm: frozenset[str]  # names of alarms in ALARM, without the project's name
    tasks: frozenset[str]  # ids of the running tasks

    @property
    def healthy(self) -> bool:
        """Whether tasks, targets and database are healthy and no alarm is in ALARM."""
        return not self.troubles and not self.in_alarm


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
    return Observation(
        troubles=tuple(troubles),
        in_alarm=frozenset(alarm.name.removeprefix(prefix) for alarm in read_alarms(aws) if alarm.state == "ALARM"),
        tasks=frozenset(task.task_id for task in service.tasks if task.status == "RUNNING") if service else frozenset(),
    )


@dataclass(frozen=True, kw_only=True)
class ExercisePlan:
    """What an exercise will do."""

    name: str  # the exercise's name
    exercise: Exercise  # its definition
    method: FaultMethod | None  # what causes the fault; None where nothing can
    before: Observation | None  # the system's state now; None where no month runs
    refusals: tuple[str, ...]  # why it cannot be run, with what to do


def plan(aws: Aws, name: str, exercise: Exercise, caller: Caller, image: str | None) -> ExercisePlan:
    """Check everything and change nothing."""
    service = read_service(aws)
    if service is None:
        reason = no_service(aws, "no month is running, so there is nothing to exercise with: `hannibal start`")
        return ExercisePlan(name=name, exercise=exercise, method=None, before=None, refusals=(reason,))
    found = find_fault_method(aws, exercise, caller.endpoint, image)
    method = found if isinstance(found, FaultMethod) else None
    before = observe(aws)
    refusals = (
        *_change_refusals(aws, caller.endpoint, service.desired),
        *([found] if isinstance(found, str) else []),
        # On an unhealthy system an exercise would show nothing.
        *(f"{trouble}: see `hannibal doctor`" for trouble in before.troubles),
        *(f"the alarm {alarm} is in ALARM already: see `hannibal alarms`" for alarm in sorted(before.in_alarm)),
    )
    return ExercisePlan(name=name, exercise=exercise, method=method, before=before, refusals=refusals)


def _change_refusals(aws: Aws, endpoint: str | None, desired: int) -> Iterator[str]:
    """Refuse faults and changes in progress, whose effects would be mixed with the exercise's."""
    for fault in faults_in_effect(endpoint):
        yield f"{fault.text}, left by an exercise that was killed or injected by hand: `hannibal exercise clear`"
    yield from running_release_refusals(aws)
    if is_in_pause(aws, desired):
        yield "the month is paused: `hannibal resume` first"
    elif desired == 0:
        yield "the service has a desired count of 0: see `hannibal doctor ecs`"
    yield from busy_stack_refusals(aws, names=ALL_STACKS)
