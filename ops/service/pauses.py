"""A pause within the month: no tasks and a stopped database, by hand or by the schedule."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from installation.names import COMPUTE_STACK
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_until, without_repeats
from ops.errors import FailedError
from ops.service.database_instances import no_database, read_databases, restore_refusals
from ops.service.database_status import (
    FAILED,
    IN_USE,
    LONGEST_START,
    STOPPED,
    Database,
    read_database,
    require_started,
    start_database,
)
from ops.service.deployments import running_release_refusals
from ops.service.ecs_service import no_service, read_service
from ops.service.one_off_tasks import one_off_task_refusals
from ops.stacks.state import busy_stack_refusals

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef, MetricDataQueryTypeDef
    from mypy_boto3_scheduler.type_defs import GetScheduleOutputTypeDef

# Fields of GetSchedule that UpdateSchedule does not accept. All others must be sent, or they are reset (EventBridge
# Scheduler API reference, UpdateSchedule).
_ANSWERED = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")
_SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
Action = Literal["pause", "resume"]
_MINUTE: Final = timedelta(minutes=1)
# States in which it serves, and RDS does not stop it (API reference, StopDBInstance, InvalidDBInstanceState).
_SLOW: Final = tuple(status for status in IN_USE if status != "available")


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


@dataclass(frozen=True, kw_only=True)
class PausePlan:
    """What a pause or its end will do."""

    action: Action  # pause or resume
    steps: tuple[str, ...]  # what changes, one line each; empty where nothing does
    desired: int  # desired tasks afterwards
    database: str  # the database's state now
    refusals: tuple[str, ...]  # why it cannot be done, with what to do


def is_paused(desired: int | None, database: str | None) -> bool:
    """Whether no tasks are desired and the database is stopped or stopping."""
    return desired == 0 and database in STOPPED


def is_in_pause(aws: Aws, desired: int) -> bool:
    """Whether the service has no tasks because of a pause that has begun and not ended.

    The alarm on missing targets is disabled from the first step of a pause to the last step of its end; the database is
    stopped only between them.
    """
    if desired:
        return False
    database = read_database(aws)
    paused = is_paused(desired, database.status if database else None)
    return paused or not _no_target(aws).get("ActionsEnabled", True)


def _no_target(aws: Aws) -> "MetricAlarmTypeDef":
    found = aws.cloudwatch.describe_alarms(AlarmNames=[aws.names.no_target_alarm])["MetricAlarms"]
    return found[0] if found else {}


def deployed_tasks(aws: Aws) -> int:
    """The number of tasks that the deployed template says, as for the schedule's morning.

    It does not change within a month, but the settings may be those of the next one already. They are asked only where
    the template is no JSON, or says no number.
    """
    found = [resource.get("Properties", {}) for resource in _deployed_resources(aws)]
    counts = [one.get("DesiredCount") for one in found if one.get("ServiceName") == aws.names.service]
    return next((count for count in counts if type(count) is int), aws.settings.service.desired_count)


def _is_scaled(aws: Aws) -> bool:
    """Whether the deployed number of tasks follows the load; by the settings where the template is no JSON."""
    types = [resource["Type"] for resource in _deployed_resources(aws)]
    return _SCALABLE_TARGET in types if types else aws.settings.service.autoscaling is not None


def _deployed_resources(aws: Aws) -> Collection[dict[str, Any]]:
    # boto3 reads JSON; another template remains text. CloudFormation has validated the shape of both.
    body: Any = aws.cloudformation.get_template(StackName=COMPUTE_STACK)["TemplateBody"]
    return body["Resources"].values() if isinstance(body, dict) else ()


def plan(aws: Aws, action: Action) -> PausePlan:
    """Read the service, the database and running releases; change nothing."""
    service, database = read_service(aws), read_database(aws)
    desired = 0
    if service is None or database is None:
        without_month = "no month is running, so there is nothing to pause or resume: `hannibal start`"
        reason = no_database(aws, without_month) if database is None else no_service(aws, without_month)
        return PausePlan(action=action, steps=(), desired=desired, database="", refusals=(reason,))
    if action == "resume":
        desired = deployed_tasks(aws)
    refusals = [*busy_stack_refusals(aws, ending=action == "resume"), *running_release_refusals(aws)]
    refusals += one_off_task_refusals(aws) if action == "pause" else ()
    # The evening schedule stops the database also during a restore, which can continue only after a resume.
    refusals += restore_refusals(read_databases(aws)) if action == "pause" or database.status not in STOPPED else ()
    refusals += _state_refusals(database, action, service.desired)
    if action == "pause" and _is_scaled(aws):
        refusals.append("the deployed service.autoscaling would start tasks again: a pause does not go with it")
    steps = [f"service: {service.desired} to {desired} task(s)"] if service.desired != desired else []
    if action == "pause" and database.status not in STOPPED:
        steps.append(f"database: stop {database.name}, which is {database.status}")
    if action == "resume" and database.status not in IN_USE:
        verb = "start" if database.status in STOPPED else "wait for"
        steps.insert(0, f"database: {verb} {database.name}, which is {database.status}")
    if action == "resume":
        steps += [f"schedule: enable {name}, which a spent budget disabled" for name in read_disabled_schedules(aws)]
    tells = _no_target(aws).get("ActionsEnabled")
    if tells is (action == "pause"):
        steps.append(f"alarm: {aws.names.no_target_alarm} tells {'nobody' if tells else 'again'}")
    return PausePlan(
        action=action, steps=tuple(steps), desired=desired, database=database.status, refusals=tuple(refusals)
    )


def _state_refusals(database: Database, action: Action, tasks: int) -> Iterator[str]:
    """Why RDS would not stop or start the database in its state."""
    if database.status in (*FAILED, "deleting"):
        yield f"{database.name} is {database.status}, and RDS neither stops nor starts it: `hannibal doctor database`"
    # Without tasks nothing is lost by a pause that waits for RDS: the budget or a schedule has begun it.
    if action == "pause" and tasks and database.status in _SLOW:
        yield (
            f"{database.name} is {database.status}, for hours, and RDS stops an available instance only: the tasks "
            "would end, and the database go on. Pause when `hannibal status` says that it is available"
        )


def pause(aws: Aws, notify: Callable[[str], None]) -> None:
    """Stop the tasks and the database; the alarm on missing targets notifies nobody until the end of the pause.

    Each step may be repeated: the next pause completes an interrupted one. It waits for a database that is being
    modified, because RDS stops only an available one; FailedError after half an hour.
    """
    names, notify = aws.names, without_repeats(notify)
    aws.cloudwatch.disable_alarm_actions(AlarmNames=[names.no_target_alarm])
    aws.ecs.update_service(cluster=names.cluster, service=names.service, desiredCount=0)

    def stopped() -> bool:
        database = read_database(aws)
        if database is None or database.status in STOPPED:
            return True
        with ignoring("InvalidDBInstanceState"):
            aws.rds.stop_db_instance(DBInstanceIdentifier=names.database)
            return True
        notify(f"waiting until RDS stops {names.database}, which is {database.status}")
        return False

    if not wait_until(stopped, aws.polling, LONGEST_START):
        raise FailedError(f"RDS does not stop {names.database}", "See what it does: `hannibal doctor database`")


def resume(aws: Aws, notify: Callable[[str], None], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Start the database, then the tasks, and wait until they are healthy; then enable the alarm's actions.

    The morning schedules are enabled first: after an interruption, the next morning completes it. FailedError after
    half an hour, and where another command has paused the month again.
    """
    names, notify = aws.names, without_repeats(notify)
    for schedule in read_disabled_schedules(aws):
        enable_schedule(aws, schedule)
    start_database(aws, notify)
    aws.ecs.update_service(cluster=names.cluster, service=names.service, desiredCount=deployed_tasks(aws))

    def steady() -> bool:
        require_started(aws)
        found = read_service(aws)
        if found is not None and found.steady and found.running:
            return True
        notify(f"waiting for the tasks: {found.running if found else 0} run")
        return False

    if not wait_until(steady, aws.polling, LONGEST_START):
        raise FailedError("the tasks are not healthy after half an hour", "See `hannibal doctor ecs`.")
    _wait_for_alarm(aws, notify, now)
    require_started(aws)
    aws.cloudwatch.enable_alarm_actions(AlarmNames=[names.no_target_alarm])


def _wait_for_alarm(aws: Aws, notify: Callable[[str], None], now: Callable[[], datetime]) -> None:
    """Wait until the alarm on missing targets is not in ALARM, and has data from after the pause.

    After a pause that is shorter than the minutes that the alarm evaluates, those without a target may still cause
    ALARM. A minute with a target after the pause prevents that.
    """
    steady = now()

    def over() -> bool:
        found = _no_target(aws)
        if (not found or _has_counted_targets(aws, found, steady, now())) and found.get("StateValue") != "ALARM":
            return True
        notify(f"waiting until the alarm {aws.names.no_target_alarm} has data of the tasks")
        return False

    if not wait_until(over, aws.polling, LONGEST_START):
        raise FailedError(
            f"the alarm {aws.names.no_target_alarm} is not over after half an hour", "See `hannibal alarms`."
        )


def _has_counted_targets(aws: Aws, alarm: "MetricAlarmTypeDef", since: datetime, now: datetime) -> bool:
    """Whether CloudWatch has counted a healthy target since a time, which it rounds down to the minute."""
    queries: list[MetricDataQueryTypeDef] = [
        {"Id": one["Id"], "MetricStat": one["MetricStat"], "ReturnData": True}
        for one in alarm.get("Metrics", [])
        if "MetricStat" in one
    ]
    pages = aws.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=since, EndTime=now + _MINUTE
    )
    return any(value >= 1 for page in pages for one in page["MetricDataResults"] for value in one.get("Values", []))
