"""Trouble 2: a release failed, or gets nowhere."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.causes import CATALOGUE, cause_of, filled, is_failure
from ops.doctor.finding import Evidence, Notes, Remediation, section
from ops.doctor.hook_log import function_log, log_group, verifying_function
from ops.doctor.log_causes import cause_of_log
from ops.doctor.remediation import StopRelease
from ops.doctor.subjects import Subject
from ops.doctor.tasks import StoppedTask, log_tail, read_stopped
from ops.release.deployment import DeploymentState, read_deployment
from ops.release.history import newest_deployment
from ops.release.progress import LifecycleEvent, read_events
from ops.release.timing import read_timing
from ops.release.watch import unrecorded_image
from ops.service.alarms import read_alarms, read_changes

_ALARMS = re.compile(r"<([^<>]+)>")


@section(Subject.RELEASE)
def examine(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:
    """Look at the newest release that an operator began, and at the record of what runs."""
    newest = newest_deployment(aws, settings)
    if newest is None:
        notes.healthy("CodeDeploy remembers no release; it forgets them at a month's end")
        return
    notes.read("the newest release", lambda: _newest(notes, aws, settings, newest, now))
    if newest.rollback_id:
        notes.read("the way back", lambda: _way_back(notes, aws, newest))
    _record(notes, aws, settings, newest)


def _newest(notes: Notes, aws: Aws, settings: Settings, newest: DeploymentState, now: datetime) -> None:
    if newest.status == "Succeeded":
        notes.healthy(f"the newest release, {newest.deployment_id}, succeeded")
    elif not newest.ended:
        _running(notes, aws, settings, newest, now)
    elif newest.error_code == "MANUAL_STOP":
        ended = Evidence("deployment", newest.error)
        notes.found("release-stopped", evidence=(ended,), deployment=newest.deployment_id)
    else:
        _failed(notes, aws, settings, newest, now)


def _record(notes: Notes, aws: Aws, settings: Settings, newest: DeploymentState) -> None:
    image = unrecorded_image(aws, settings) if newest.ended else None
    if image is not None:
        seen = Evidence("service", f"runs {image}, which {settings.names.release_parameter} does not say")
        notes.found("record-behind", evidence=(seen,))


def _running(notes: Notes, aws: Aws, settings: Settings, deployment: DeploymentState, now: datetime) -> None:
    """One that goes on: whether its tasks fail, or it takes longer than its configuration can."""
    failures = _failures(aws, settings, deployment)
    late = now - deployment.created > read_timing(aws.codedeploy, settings.names, deployment.configuration).longest
    step = next(
        (event for event in read_events(aws.codedeploy, deployment.deployment_id) if event.status == "InProgress"), None
    )
    where = (Evidence("step", f"{step.name} since {step.started:%H:%M:%S %Z}"),) if step and step.started else ()
    identifier = deployment.deployment_id
    fix = StopRelease(deployment=identifier)
    if failures:
        words, remediations = _of_tasks(notes, aws, settings, failures, now)
        evidence = (*where, *words)
        notes.found("release-unhealthy", evidence=evidence, then=remediations, fix=fix, deployment=identifier)
    elif late:
        notes.found("release-stuck", evidence=where, fix=fix, deployment=identifier)
    else:
        length = timedelta(seconds=int((now - deployment.created).total_seconds()))
        notes.found("release-running", evidence=where, deployment=identifier, length=length)


def _failed(notes: Notes, aws: Aws, settings: Settings, deployment: DeploymentState, now: datetime) -> None:
    reason = CATALOGUE.releases.get(deployment.error_code, CATALOGUE.unknown_release)
    events = read_events(aws.codedeploy, deployment.deployment_id)
    function = verifying_function(aws, deployment) or settings.names.verification_function
    log = log_group(aws, function) if reason.cause == "release-hook" else ""
    words: list[Evidence] = []
    remediations: tuple[Remediation, ...] = ()
    if reason.cause == "release-alarm":
        words += _alarms(aws, settings, deployment)
    elif reason.cause == "release-hook":
        words += notes.read("the function's log", lambda: tuple(function_log(aws, function, log, now))) or ()
    elif reason.cause == "release-unhealthy":
        failures = _failures(aws, settings, deployment)
        if failures:
            found, remediations = _of_tasks(notes, aws, settings, failures, now)
            words += found
    values: dict[str, object] = {
        "env": settings.environment,
        "image": deployment.image or "IMAGE",
        "log": log,
        "role": settings.names.codedeploy_role,
    }
    own = tuple(remediation.filled(values) for remediation in reason.remediations)
    notes.add(
        reason.cause,
        f"{reason.summary} ({deployment.deployment_id}, {deployment.image or deployment.task_definition})",
        evidence=(
            Evidence("deployment", f"{deployment.status}, {deployment.error_code}: {deployment.error}"),
            *(_step(event) for event in events if event.status == "Failed"),
            *words,
        ),
        remediations=(*remediations, *own),
    )


def _way_back(notes: Notes, aws: Aws, deployment: DeploymentState) -> None:
    back = read_deployment(aws.codedeploy, deployment.rollback_id)
    if back.status == "Succeeded":
        notes.healthy(f"{back.deployment_id} took it back: what ran before serves again")
    elif back.ended:
        seen = Evidence("rollback", f"{back.deployment_id} {back.status}: {back.error}")
        notes.found("rollback-of-release-failed", evidence=(seen,))


def _failures(aws: Aws, settings: Settings, deployment: DeploymentState) -> tuple[StoppedTask, ...]:
    """The tasks of a release that failed. ECS forgets them after an hour."""
    revision = deployment.task_definition.rpartition("/")[2]
    return tuple(
        task
        for task in read_stopped(aws.ecs, settings.names)
        if task.revision == revision and task.stopped >= deployment.created.replace(microsecond=0) and is_failure(task)
    )


def _of_tasks(
    notes: Notes, aws: Aws, settings: Settings, failures: tuple[StoppedTask, ...], now: datetime
) -> tuple[tuple[Evidence, ...], tuple[Remediation, ...]]:
    """What the newest of the failed tasks says, and what corrects that."""
    newest = failures[0]
    log = notes.read("the log", lambda: log_tail(aws.logs, settings.names, newest.task_id, now)) or ()
    cause = filled(cause_of_log(cause_of(newest), (line.text for line in log)), newest, settings)
    evidence = (
        Evidence("likely cause", cause.summary),
        Evidence(f"{len(failures)} task(s) stopped", newest.words),
        *(log if cause.shows_log else ()),
    )
    # What was released already is being, or was, taken back by CodeDeploy itself.
    return evidence, tuple(
        remediation for remediation in cause.remediations if not remediation.command.startswith("hannibal rollback")
    )


def _alarms(aws: Aws, settings: Settings, deployment: DeploymentState) -> Iterator[Evidence]:
    """When the alarms sounded that ended it, and how they are now: most are OK again, for traffic went back."""
    named = set(_ALARMS.findall(deployment.error))
    prefix = f"{settings.project}-"
    # The history knows no fractions of a second.
    for change in read_changes(aws.cloudwatch, prefix, deployment.created.replace(microsecond=0)):
        if change.name in named and change.state == "ALARM":
            yield Evidence(f"alarm {change.name}", f"sounded at {change.time:%H:%M:%S %Z}. {change.reason}")
    for alarm in read_alarms(aws.cloudwatch, prefix):
        if alarm.name in named:
            yield Evidence(f"alarm {alarm.name}", f"is {alarm.state} now: {alarm.reason}")


def _step(event: LifecycleEvent) -> Evidence:
    return Evidence("failed step", f"{event.name}: {event.message}" if event.message else event.name)
