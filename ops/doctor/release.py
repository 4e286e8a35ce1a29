"""Trouble 2: a release failed, or makes no progress."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from installation.names import ARTIFACT_STACK, COMPUTE_STACK, VERIFICATION_LOG_OUTPUT, VERIFICATION_OUTPUT
from ops.account.caller import identify
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.doctor.absence import note_deleted_group
from ops.doctor.causes import CATALOGUE, cause_with_log
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.remediation import StopRelease
from ops.doctor.subjects import Subject
from ops.release.deployment import DeploymentState, image_of, read_deployment
from ops.release.history import is_gone, newest_deployment, read_release
from ops.release.images import unpullable_reason
from ops.release.progress import read_events, read_failures
from ops.release.timing import read_timing
from ops.release.watch import running_image, unrecorded_image
from ops.service.alarms import read_alarms, read_changes
from ops.service.ecs_service import StoppedTask
from ops.stacks.state import read_stack

_FUNCTION_LINES = 5
# Lambda's own lines of each call, and the lines of Python's tracebacks, which do not contain what the function found.
_OF_EACH_CALL = re.compile(r"(INIT_START|START|END|REPORT)\b|Traceback| {2}")
_ALARMS = re.compile(r"<([^<>]+)>")


@examination_of(Subject.RELEASE)
def examine(examiner: Examiner) -> None:
    """Check the newest release that an operator began, and the record of the running image."""
    examiner.read("the deployment group", lambda: note_deleted_group(examiner))
    newest = newest_deployment(examiner.aws)
    if newest is None:
        examiner.healthy("CodeDeploy has no release; it loses them at a month's end")
    else:
        examiner.read("the newest release", lambda: _newest(examiner, newest))
        if newest.rollback_id:
            examiner.read("the rollback", lambda: _rollback(examiner, newest))
    if newest is None or newest.ended:
        _record(examiner)


def _newest(examiner: Examiner, newest: DeploymentState) -> None:
    if newest.status == "Succeeded":
        examiner.healthy(f"the newest release, {newest.deployment_id}, succeeded")
    elif not newest.ended:
        _running(examiner, newest)
    elif newest.error_code == "MANUAL_STOP":
        ended = Evidence("deployment", newest.error)
        words, remediations = _failed_tasks(examiner, newest)
        examiner.add_finding("release-stopped", ended, *words, first=remediations, deployment=newest.deployment_id)
    else:
        _failed(examiner, newest)


def _record(examiner: Examiner) -> None:
    aws, names = examiner.aws, examiner.settings.names
    image = unrecorded_image(aws)
    if image is not None:
        examiner.add_finding(
            "release-record-outdated",
            Evidence("service", f"runs {image}, which {names.release_parameter} does not say"),
        )
        return
    parameter, repository = names.release_parameter, names.repository
    release = read_release(aws)
    if is_gone(release, read_stack(aws, ARTIFACT_STACK)):
        examiner.add_finding("release-record-missing", parameter=parameter, repository=repository)
    # Of the running image the section about its tasks says that it is gone.
    elif (
        release
        and release.image != running_image(aws)
        and (reason := unpullable_reason(aws, release.image, identify(aws)))
    ):
        seen = Evidence("record", f"{release.image}: {reason}")
        examiner.add_finding("release-record-unusable", seen, parameter=parameter, repository=repository)


def _running(examiner: Examiner, deployment: DeploymentState) -> None:
    """Note a running release: whether its tasks fail, or it takes longer than its configuration allows."""
    aws = examiner.aws
    failures = read_failures(aws, deployment)
    overdue = examiner.now - deployment.created > read_timing(aws, deployment.configuration).longest
    step = next((event for event in read_events(aws, deployment.deployment_id) if event.status == "InProgress"), None)
    since = (Evidence("step", f"{step.name} since {step.started:%H:%M:%S %Z}"),) if step and step.started else ()
    identifier = deployment.deployment_id
    fix = StopRelease(deployment=identifier)
    if failures:
        words, remediations = _failed_task_evidence(examiner, failures)
        examiner.add_finding("release-unhealthy", *since, *words, then=remediations, fix=fix, deployment=identifier)
    elif overdue:
        examiner.add_finding("release-stuck", *since, fix=fix, deployment=identifier)
    else:
        length = timedelta(seconds=int((examiner.now - deployment.created).total_seconds()))
        examiner.add_finding("release-running", *since, deployment=identifier, length=length)


def _failed(examiner: Examiner, deployment: DeploymentState) -> None:
    aws, settings = examiner.aws, examiner.settings
    reason = CATALOGUE.releases.get(deployment.error_code, CATALOGUE.unknown_release)
    failed = [it for it in read_events(aws, deployment.deployment_id) if it.status == "Failed"]
    image = image_of(aws, deployment)
    function = deployment.hook or settings.names.verification_function
    log = _log_group(aws, function) if reason.cause == "release-hook" else ""
    evidence: list[Evidence] = []
    if reason.cause == "release-alarm":
        evidence += _alarms(aws, deployment)
    elif reason.cause == "release-hook":
        printed = examiner.read("the function's log", lambda: tuple(_function_log(aws, function, log, examiner.now)))
        evidence += printed or ()
    words, remediations = _failed_tasks(examiner, deployment)
    role = settings.names.codedeploy_role
    values: dict[str, object] = {"env": settings.environment, "image": image or "IMAGE", "log": log, "role": role}
    of_reason = tuple(remediation.filled(values) for remediation in reason.remediations)
    examiner.add(
        reason.cause,
        f"{reason.summary} ({deployment.deployment_id}, {image or deployment.task_definition})",
        Evidence("deployment", f"{deployment.status}, {deployment.error_code}: {deployment.error}"),
        *(Evidence("failed step", f"{it.name}: {it.message}" if it.message else it.name) for it in failed),
        *evidence,
        *words,
        remediations=(*remediations, *of_reason),
    )


def _log_group(aws: Aws, function: str) -> str:
    """The log group of a function: this project's functions share one, others have Lambda's default."""
    stack = read_stack(aws, COMPUTE_STACK)
    shared = stack.output(VERIFICATION_LOG_OUTPUT) if stack and function == stack.output(VERIFICATION_OUTPUT) else None
    return shared or _function_log_group(function)


def _function_log_group(function: str) -> str:
    return f"/aws/lambda/{function}"


def _function_log(aws: Aws, function: str, log: str, now: datetime) -> Iterator[Evidence]:
    """The function's last log lines; none where it never printed anything, or does not exist."""
    begin = int((now - timedelta(hours=2)).timestamp() * 1000)
    with ignoring("ResourceNotFoundException"):
        pages = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=log, startTime=begin)
        events = [event for page in pages for event in page["events"]]
        if log != _function_log_group(function):
            # Functions share the group, and Lambda names a stream in it after its function (Lambda developer guide,
            # "Configuring CloudWatch log groups").
            events = [event for event in events if f"/{function}[" in event.get("logStreamName", "")]
        lines = [event.get("message", "").rstrip() for event in events]
        log_lines = [line for line in lines if not _OF_EACH_CALL.match(line)]
        for line in log_lines[-_FUNCTION_LINES:]:
            yield Evidence(f"log of {function}", line)


def _rollback(examiner: Examiner, deployment: DeploymentState) -> None:
    back = read_deployment(examiner.aws, deployment.rollback_id)
    if back.status == "Succeeded":
        examiner.healthy(f"{back.deployment_id} rolled it back: what ran before serves again")
    elif back.ended:
        seen = Evidence("rollback", f"{back.deployment_id} {back.status}: {back.error}")
        examiner.add_finding("rollback-of-release-failed", seen)


def _failed_tasks(
    examiner: Examiner, deployment: DeploymentState
) -> tuple[tuple[Evidence, ...], tuple[Remediation, ...]]:
    """The same of an ended release, whatever has ended it: an alarm or a person may be faster than CodeDeploy."""
    failures = examiner.read("its stopped tasks", lambda: read_failures(examiner.aws, deployment))
    return _failed_task_evidence(examiner, failures) if failures else ((), ())


def _failed_task_evidence(
    examiner: Examiner, failures: tuple[StoppedTask, ...]
) -> tuple[tuple[Evidence, ...], tuple[Remediation, ...]]:
    """Evidence from the newest failed task, and its remediations."""
    newest = failures[0]
    cause, log = cause_with_log(examiner, newest)
    evidence = (
        Evidence("likely cause", cause.summary),
        Evidence(f"{len(failures)} task(s) stopped", newest.words),
        *log,
    )
    # No rollback: CodeDeploy rolls the release back itself, or already has.
    return evidence, tuple(
        remediation for remediation in cause.remediations if not remediation.command.startswith("hannibal rollback")
    )


def _alarms(aws: Aws, deployment: DeploymentState) -> Iterator[Evidence]:
    """When the alarms that ended it went into ALARM, and their state now: mostly OK, because traffic went back."""
    alarm_names = set(_ALARMS.findall(deployment.error))
    # The alarm history has no fractions of a second.
    for change in read_changes(aws, deployment.created.replace(microsecond=0)):
        if change.name in alarm_names and change.state == "ALARM":
            yield Evidence(f"alarm {change.name}", f"went into ALARM at {change.time:%H:%M:%S %Z}. {change.reason}")
    for alarm in read_alarms(aws):
        if alarm.name in alarm_names:
            yield Evidence(f"alarm {alarm.name}", f"is {alarm.state} now: {alarm.reason}")
