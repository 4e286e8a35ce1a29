"""The state of a release: steps, traffic, and healthy tasks; and what changed since the last reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.release.deployment import DeploymentState, read_deployment
from ops.release.revision import read_revision
from ops.release.task_sets import read_running_service
from ops.release.timing import Timing, read_timing
from ops.service.alarms import Alarm, read_alarms
from ops.service.deployments import deployment_group
from ops.service.ecs_service import StoppedTask, is_failure, read_stopped
from ops.service.traffic import TargetGroup, read_target_groups

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentTargetTypeDef

Kind = Literal["status", "step", "traffic", "targets", "tasks", "alarm"]
# A task may be lost by chance, and so many are not.
_REPEATED_FAILURES = 3


@dataclass(frozen=True, kw_only=True)
class LifecycleEvent:
    """A step of a deployment."""

    name: str  # such as ``AllowTraffic``
    status: str  # such as ``InProgress``
    started: datetime | None  # None before it starts
    ended: datetime | None  # None before it ends
    message: str  # its error, mostly empty


@dataclass(frozen=True, kw_only=True)
class ReleaseView:
    """The state of a release, as it is shown."""

    deployment: DeploymentState  # the deployment
    events: tuple[LifecycleEvent, ...]  # its steps in order; empty before it begins
    target_groups: tuple[TargetGroup, ...]  # both, blue first
    images: Mapping[str, str]  # images by the colour of the target group
    alarms: tuple[Alarm, ...]  # the alarms that end it
    elapsed: timedelta  # time since its start
    left: timedelta | None  # remaining time without incidents; None when it has ended or is late
    failures: tuple[StoppedTask, ...] = ()  # its tasks that failed, the newest first


class ReleaseReader:
    """Reads a release repeatedly; facts that cannot change are read once."""

    def __init__(self, aws: Aws, deployment: DeploymentState) -> None:
        self._aws = aws
        self._id = deployment.deployment_id
        self._revision = cache(read_revision)  # a revision never changes
        self._alarms = alarms_of_releases(aws)
        self.timing: Timing = read_timing(aws, deployment.configuration)

    def read(self) -> ReleaseView:
        """The present state of the release."""
        deployment = read_deployment(self._aws, self._id)
        events = read_events(self._aws, self._id)
        service = read_running_service(self._aws, self._revision)
        now = max(datetime.now(UTC), deployment.created)  # this machine's clock may be behind AWS's
        return ReleaseView(
            deployment=deployment,
            events=events,
            target_groups=read_target_groups(self._aws),
            images=service.images if service else {},
            alarms=tuple(alarm for alarm in read_alarms(self._aws) if alarm.name in self._alarms),
            elapsed=(deployment.completed or now) - deployment.created,
            left=None if deployment.ended else self._remaining_time(deployment, events, now),
            failures=read_failures(self._aws, deployment),
        )

    def _remaining_time(
        self, deployment: DeploymentState, events: tuple[LifecycleEvent, ...], now: datetime
    ) -> timedelta | None:
        steps = {event.name: event for event in events}
        shift, last = steps.get("AllowTraffic"), steps.get("AfterAllowTraffic")
        shifted = last.ended if last and deployment.baking else None
        return self.timing.left(
            running=now - deployment.created,
            shifting=now - shift.started if shift and shift.started else None,
            baking=now - shifted if shifted else None,
        )


def alarms_of_releases(aws: Aws) -> frozenset[str]:
    """The names of the alarms that end a release."""
    group = deployment_group(aws)
    alarms = group.get("alarmConfiguration", {}).get("alarms", []) if group else []
    return frozenset(alarm.get("name", "") for alarm in alarms)


def read_events(aws: Aws, deployment_id: str) -> tuple[LifecycleEvent, ...]:
    """The steps of a deployment; none before it begins."""
    target: DeploymentTargetTypeDef = {}
    with ignoring("DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"):
        pages = aws.codedeploy.get_paginator("list_deployment_targets").paginate(deploymentId=deployment_id)
        identifiers = [identifier for page in pages for identifier in page["targetIds"]]
        if identifiers:  # a deployment to ECS has one target, the service
            answer = aws.codedeploy.get_deployment_target(deploymentId=deployment_id, targetId=identifiers[0])
            target = answer["deploymentTarget"]
    return tuple(
        LifecycleEvent(
            name=event.get("lifecycleEventName", ""),
            status=event.get("status", ""),
            started=event.get("startTime"),
            ended=event.get("endTime"),
            message=event.get("diagnostics", {}).get("message", "") if event.get("status") == "Failed" else "",
        )
        for event in target.get("ecsTarget", {}).get("lifecycleEvents", [])
    )


def read_failures(aws: Aws, deployment: DeploymentState) -> tuple[StoppedTask, ...]:
    """The failed tasks of a release, the newest first. ECS lists them for an hour."""
    revision = deployment.task_definition.rpartition("/")[2]
    began = deployment.created.replace(microsecond=0)
    return tuple(it for it in read_stopped(aws) if it.revision == revision and it.stopped >= began and is_failure(it))


@dataclass(frozen=True)
class Change:
    """One change."""

    event: Kind  # its kind
    text: str  # the change for people
    data: dict[str, JsonValue]  # the change for scripts


def changes(before: ReleaseView | None, now: ReleaseView) -> tuple[Change, ...]:
    """The changes between two readings; at a deployment's first reading everything except pending steps."""
    if before and before.deployment.deployment_id != now.deployment.deployment_id:  # this one rolls that one back
        before = None
    return (
        *_status(before, now),
        *_steps(before, now),
        *_target_groups(before, now),
        *_failures(before, now),
        *_alarms(before, now),
    )


def _status(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    deployment = now.deployment
    if before is None or before.deployment.status != deployment.status:
        reason = f": {deployment.error}" if deployment.error else ""
        facts = {"status": deployment.status, "code": deployment.error_code, "reason": deployment.error}
        text = f"{deployment.deployment_id} is {deployment.status}{reason}"
        yield Change("status", text, {"deployment": deployment.deployment_id, **facts})


def _steps(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = {step.name: step.status for step in before.events} if before else {}
    for step in now.events:
        if step.status != "Pending" and known.get(step.name) != step.status:
            reason = f": {step.message}" if step.message else ""
            facts: dict[str, JsonValue] = {"step": step.name, "status": step.status, "reason": step.message}
            yield Change("step", f"  {step.name:<22} {step.status}{reason}", facts)


def _target_groups(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    groups_before = {group.colour: group for group in before.target_groups} if before else {}
    shares = {group.colour: group.production_percent for group in now.target_groups}
    if {colour: group.production_percent for colour, group in groups_before.items()} != shares and shares:
        listed = ", ".join(f"{colour} {percent:.0f} %" for colour, percent in shares.items())
        yield Change("traffic", f"  traffic: {listed}", {**shares})
    for group in now.target_groups:
        last = groups_before.get(group.colour)
        if (last is None or last.health != group.health) and (last or group.health):
            facts: dict[str, JsonValue] = {
                "colour": group.colour,
                "health": dict(group.health),
                "reasons": list(group.reasons),
            }
            yield Change("targets", f"  targets of {group.colour}: {words_of_health(group)}", facts)


def _failures(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = before.failures if before else ()
    # Those that ECS no longer lists after an hour are no news.
    if now.failures and (len(now.failures) > len(known) or now.failures[0] != known[0]):
        facts: dict[str, JsonValue] = {"failed": len(now.failures), "reason": now.failures[0].words}
        yield Change("tasks", f"  {words_of_failures(now)}", facts)


def words_of_failures(view: ReleaseView) -> str:
    """How many tasks failed and how the newest did; and that no more wait is needed where CodeDeploy would wait on.

    ECS's circuit breaker, which ends a deployment after such failures, is for deployments by ECS alone (Amazon ECS
    developer guide, "Deployment circuit breaker").
    """
    words = f"tasks failed: {len(view.failures)}, the newest by: {view.failures[0].words}"
    installing = any(event.name == "Install" and event.status == "InProgress" for event in view.events)
    if view.deployment.ended or not installing or len(view.failures) < _REPEATED_FAILURES:
        return words
    return (
        f"{words}. CodeDeploy waits an hour for healthy ones: `hannibal doctor` shows why they fail, `hannibal "
        "rollback` ends the release"
    )


def _alarms(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = {alarm.name: alarm.state for alarm in before.alarms} if before else {}
    for alarm in now.alarms:
        last = known.get(alarm.name, "OK")
        if "ALARM" in (alarm.state, last) and alarm.state != last:
            facts: dict[str, JsonValue] = {"alarm": alarm.name, "state": alarm.state, "reason": alarm.reason}
            yield Change("alarm", f"  alarm {alarm.name} is {alarm.state}: {alarm.reason}", facts)


def words_of_health(group: TargetGroup) -> str:
    """Targets by state, with reasons for unhealthy ones; draining and initial are states themselves."""
    counted = ", ".join(f"{count} {state}" for state, count in sorted(group.health.items())) or "none"
    return f"{counted} ({'; '.join(group.reasons)})" if group.health.get("unhealthy") else counted
