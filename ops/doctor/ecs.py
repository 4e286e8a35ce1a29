"""Trouble 1: tasks do not start, or stop again."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.account.caller import identify
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.doctor.absence import note_deleted_service, note_morning, note_pause
from ops.doctor.causes import (
    CATALOGUE,
    LOGS_MISSING,
    NO_EGRESS,
    SECRET_DENIED,
    SECRET_MISSING,
    WHILE_IT_RUNS,
    cause_named,
    cause_of,
    cause_with_log,
    filled,
    printed_cause,
)
from ops.doctor.database_login import note_missing_secret
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Level, Remediation
from ops.doctor.network import missing_egress, missing_rules, note_missing
from ops.doctor.subjects import Subject
from ops.doctor.tasks import complaints, lacks_withdrawn_secret, newest_warning, placement
from ops.errors import RefusedError
from ops.release.images import unpullable_reason
from ops.release.watch import running_image
from ops.service.autoscaling import read_scaling
from ops.service.deployments import running_deployments
from ops.service.ecs_service import StoppedTask, describe_active_service, describe_tasks, is_failure, read_stopped
from ops.service.logs import read_lines
from ops.service.pauses import deployed_tasks, is_in_pause
from ops.service.traffic import describe_load_balancer, read_target_groups

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerDefinitionOutputTypeDef, ServiceTypeDef, TaskSetTypeDef

# A service whose tasks crash repeatedly is in STEADY_STATE between two crashes.
_RESTLESS = timedelta(minutes=2)
_RECENT = timedelta(minutes=10)
_VARIABLE = "DATABASE_URL"
_KILLED = 137  # 128 and SIGKILL


@examination_of(Subject.ECS)
def examine(examiner: Examiner) -> None:
    """Check the service, what its next task needs, and why the last tasks stopped."""
    service = describe_active_service(examiner.aws)
    if service is None:
        if not note_deleted_service(examiner):
            examiner.healthy("no service: between two months there is none")
        return
    # The old task set of a release drains for minutes, and needs no tasks.
    service = {**service, "taskSets": [it for it in service.get("taskSets", []) if it.get("status") != "DRAINING"]}
    stopped = examiner.read("stopped tasks", lambda: read_stopped(examiner.aws)) or ()
    failures = tuple(task for task in stopped if is_failure(task))
    _killed(examiner, stopped)
    examiner.read("scaling", lambda: _scaling(examiner, service.get("desiredCount", 0)))
    unsteady = [one for one in service.get("taskSets", []) if one.get("stabilityStatus") != "STEADY_STATE"]
    short = service.get("runningCount", 0) < service.get("desiredCount", 0)
    current = tuple(task for task in failures if task.task_set in {one.get("id", "") for one in unsteady})
    symptoms = _symptoms(current)
    causes = {
        *(examiner.read(_VARIABLE, lambda: _database_url(examiner, service, symptoms)) or ()),
        *(examiner.read("the log group", lambda: _log_group(examiner, symptoms)) or ()),
        *(examiner.read("the ways of packets", lambda: _examine_network_paths(examiner, service, symptoms)) or ()),
    }
    if unsteady or short:
        _examine_unstable_service(examiner, service, current, causes)
    else:
        # Those of a release that was rolled back are its section's: "roll back" would leave what serves well again.
        task_sets = {one.get("id", "") for one in service.get("taskSets", [])}
        _examine_stable_service(examiner, service, tuple(it for it in failures if it.task_set in task_sets), causes)


def _symptoms(tasks: tuple[StoppedTask, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(f"task {task.task_id[:8]} stopped", task.words) for task in tasks[:1])


# -- what the next task needs ----------------------------------------------------------------------------------
def _database_url(examiner: Examiner, service: "ServiceTypeDef", symptoms: tuple[Evidence, ...]) -> set[str]:
    """Whether the variable is in the task definition, and whether its secret can be resolved."""
    settings = examiner.settings
    revision = _revision(service)
    definition = examiner.aws.ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
    none: ContainerDefinitionOutputTypeDef = {}
    containers = definition.get("containerDefinitions", [])
    container = next((one for one in containers if one.get("name") == settings.names.container), none)
    name = revision.rpartition("/")[2]
    secret = next((one["valueFrom"] for one in container.get("secrets", []) if one["name"] == _VARIABLE), "")
    if not secret:
        if any(one.get("name") == _VARIABLE for one in container.get("environment", [])):
            examiner.healthy(f"{name} has {_VARIABLE}, as plain text")
            return set()
        words = f"{_VARIABLE} is not set: {name} has neither a secret nor a variable of this name."
        seen = Evidence("task definition", f"{name}: no {_VARIABLE}")
        back = Remediation("go back to a revision that has it", f"hannibal rollback --env {settings.environment}")
        examiner.add(SECRET_MISSING, words, seen, *symptoms, remediations=(back,))
        return {SECRET_MISSING}
    gone = examiner.read(f"the secret of {_VARIABLE}", lambda: _unreadable_secret_reason(examiner.aws, secret))
    if gone:
        note_missing_secret(examiner, secret, gone, symptoms)
        return {SECRET_MISSING}
    if gone is not None:
        examiner.healthy(f"{_VARIABLE} of {name} is a secret that is there")
    return set()


def _log_group(examiner: Examiner, symptoms: tuple[Evidence, ...]) -> set[str]:
    """Whether the service's log group is there; tasks that run do not notice its deletion."""
    try:
        next(iter(read_lines(examiner.aws, start=examiner.now)), None)
    except RefusedError as error:
        cause = filled(cause_named(LOGS_MISSING), None, examiner.settings)
        seen = Evidence("CloudWatch Logs", error.problem)
        examiner.add(cause.name, cause.summary, seen, *symptoms, remediations=cause.remediations)
        return {cause.name}
    return set()


def _revision(service: "ServiceTypeDef") -> str:
    """The task definition of the newest task set: the one that a release starts, or the only one."""
    newest = max(service.get("taskSets", []), key=lambda one: str(one.get("createdAt", "")), default=None)
    return (newest.get("taskDefinition", "") if newest else "") or service.get("taskDefinition", "")


def _unreadable_secret_reason(aws: Aws, secret: str) -> str:
    """Why no caller can read a secret; empty if one can. Its value is not read."""
    # The key of a secret that holds JSON follows its ARN (ECS developer guide, "Pass Secrets Manager secrets").
    arn = ":".join(secret.split(":")[:7])
    try:
        details = aws.secretsmanager.describe_secret(SecretId=arn)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return "Secrets Manager does not have it"
        raise
    # The date for which the deletion is scheduled (API reference, DescribeSecret).
    return f"marked for deletion on {details['DeletedDate']:%Y-%m-%d %H:%M %Z}" if "DeletedDate" in details else ""


def _examine_network_paths(examiner: Examiner, service: "ServiceTypeDef", symptoms: tuple[Evidence, ...]) -> set[str]:
    aws = examiner.aws
    place, causes = placement(service), set()
    egress = examiner.read("the way to the internet", lambda: missing_egress(aws, place))
    if egress:
        note_missing(examiner, NO_EGRESS, egress, *symptoms)
        causes.add(NO_EGRESS)
    elif egress is not None:
        examiner.healthy("tasks reach the internet, from which they get image and secrets")
    balancer = describe_load_balancer(aws)
    groups = balancer.get("SecurityGroups", []) if balancer else ()  # there is none while the month is being destroyed
    port = examiner.settings.service.port
    path = examiner.read("the way to the tasks", lambda: missing_rules(aws, groups, place.security_groups, port))
    if path:
        note_missing(examiner, "load-balancer-cut-off", path, *symptoms)
        causes.add("unhealthy")
    elif path is not None:
        examiner.healthy("the security groups allow the load balancer to reach the tasks")
    return causes


# -- why the last ones stopped ---------------------------------------------------------------------------------
def _examine_unstable_service(
    examiner: Examiner, service: "ServiceTypeDef", failures: tuple[StoppedTask, ...], causes: set[str]
) -> None:
    now = examiner.now
    if failures:
        _note_stopped_tasks(examiner, service, failures, causes, "trouble")
        return
    events = newest_warning(service, now - _RECENT)
    unhealthy = _unhealthy_targets(examiner)
    unsteady = [one for one in service.get("taskSets", []) if one.get("stabilityStatus") != "STEADY_STATE"]
    waiting = min((_stable_since(one, now) for one in unsteady or service.get("taskSets", [])), default=now)
    late = now - waiting > _RECENT or bool(events)
    if not causes:
        examiner.add_finding(
            "tasks-missing" if late else "tasks-starting",
            *events,
            *unhealthy,
            running=service.get("runningCount", 0),
            desired=service.get("desiredCount", 0),
        )


def _examine_stable_service(
    examiner: Examiner, service: "ServiceTypeDef", failures: tuple[StoppedTask, ...], causes: set[str]
) -> None:
    settings, now = examiner.settings, examiner.now
    desired, running = service.get("desiredCount", 0), service.get("runningCount", 0)
    examiner.read("the image that serves", lambda: _image(examiner))
    if desired == 0 and examiner.read("a pause", lambda: is_in_pause(examiner.aws, desired)):
        note_pause(examiner, Evidence("service", "desired count 0"))
        return
    if desired == 0:
        deployed = examiner.read("the deployed number of tasks", lambda: deployed_tasks(examiner.aws))
        examiner.add_finding(
            "desired-count-zero",
            Evidence("service", "desired count 0"),
            cluster=settings.names.cluster,
            service=settings.names.service,
            count=deployed or settings.service.desired_count,
        )
        return
    examiner.healthy(f"{running} of {desired} tasks run and are healthy")
    note_morning(examiner)
    _complaints(examiner)
    recent = tuple(task for task in failures if now - task.stopped < _RECENT)
    since = max((_stable_since(one, now) for one in service.get("taskSets", [])), default=now)
    if recent:
        # Only tasks that ran can fail again: a failed pull or secret that now succeeds is solved.
        crashes = len(recent) > 1 and now - since < _RESTLESS and cause_of(recent[0]).shows_log
        _note_stopped_tasks(examiner, service, recent, causes, "trouble" if crashes else "notice")


def _image(examiner: Examiner) -> None:
    """Whether another task could start: ECR's lifecycle policy expires images in use too (containers-roadmap #1078)."""
    gone = unpullable_reason(examiner.aws, running_image(examiner.aws), identify(examiner.aws))
    if gone:
        repository = examiner.settings.names.repository
        examiner.add_finding("serving-image-gone", Evidence("image", gone), repository=repository)


def _complaints(examiner: Examiner) -> None:
    """Note errors that healthy tasks print about requests; those of a failed release are its section's."""
    running = describe_tasks(examiner.aws, service=examiner.settings.names.service)
    serving = frozenset(task.get("taskArn", "").rpartition("/")[2] for task in running)
    for line in reversed(complaints(examiner, WHILE_IT_RUNS, examiner.now - _RECENT, tasks=serving)):
        if (cause := printed_cause(line.text)) is not None:
            made = filled(cause, None, examiner.settings)
            examiner.add(made.name, made.summary, line, level="notice", remediations=made.remediations)
            return


def _killed(examiner: Examiner, stopped: tuple[StoppedTask, ...]) -> None:
    """Note tasks that did not end at SIGTERM, so that their work in progress was lost."""
    killed = [task for task in stopped if task.exit_code == _KILLED and not is_failure(task)]
    if killed:
        examiner.add_finding("killed-at-stop", *_symptoms(tuple(killed)))


def _note_stopped_tasks(
    examiner: Examiner, service: "ServiceTypeDef", tasks: tuple[StoppedTask, ...], causes: set[str], level: Level
) -> None:
    """Note the cause of the newest stopped task, unless a finding in ``causes`` explains it better than ECS does."""
    newest = tasks[0]
    cause, log = cause_with_log(examiner, newest)
    if cause.name in causes or (cause.name == SECRET_DENIED and SECRET_MISSING in causes):
        return
    if cause.name == SECRET_DENIED and examiner.read("secrets", lambda: lacks_withdrawn_secret(examiner.aws, newest)):
        cause = filled(CATALOGUE.secret_withdrawn, newest, examiner.settings)
    others = f", and {len(tasks) - 1} more before it" if len(tasks) > 1 else ""
    examiner.add(
        cause.name,
        cause.summary if level == "trouble" else f"It runs again, but not long ago: {cause.summary}",
        Evidence(f"task {newest.task_id[:8]} stopped", f"{newest.words}{others}"),
        Evidence("image", f"{newest.image} ({newest.revision})"),
        *newest_warning(service, newest.stopped - _RECENT, task_set=newest.task_set),
        *_unhealthy_targets(examiner),
        *log,
        level=level,
        remediations=cause.remediations,
    )


def _stable_since(task_set: "TaskSetTypeDef", now: datetime) -> datetime:
    return task_set.get("stabilityStatusAt") or task_set.get("createdAt") or now


def _unhealthy_targets(examiner: Examiner) -> tuple[Evidence, ...]:
    unhealthy = (group for group in read_target_groups(examiner.aws) if group.health.get("unhealthy"))
    return tuple(Evidence(f"target health of {it.colour}", reason) for it in unhealthy for reason in it.reasons)


def _scaling(examiner: Examiner, desired: int) -> None:
    """Whether the number of tasks can follow the load, where something scales the service."""
    scaling = read_scaling(examiner.aws)
    if scaling is None:
        return
    if scaling.held and not running_deployments(examiner.aws):
        examiner.add_finding("scaling-suspended", Evidence("scalable target", f"suspended, with {desired} task(s)"))
    if scaling.failure:
        examiner.add_finding("scaling-failed", Evidence("scaling activity", scaling.failure))
    if desired >= scaling.most:
        examiner.add_finding("scaling-at-maximum", Evidence("service", f"desired count {desired}"), most=scaling.most)
    if not scaling.held:
        examiner.healthy(f"the number of tasks follows the load, from {scaling.least} to {scaling.most}")
