"""A release at one moment: its steps, where traffic goes, and which tasks are healthy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.release.deployment import DeploymentState, read_deployment
from ops.release.task_sets import ServiceReader
from ops.release.timing import Timing, read_timing
from ops.service.alarms import Alarm, read_alarms
from ops.service.traffic import TargetGroup, read_target_groups

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_codedeploy.type_defs import DeploymentTargetTypeDef


@dataclass(frozen=True, kw_only=True)
class LifecycleEvent:
    """A step of a deployment."""

    name: str  # such as ``AllowTraffic``
    status: str  # such as ``InProgress``
    started: datetime | None  # None before
    ended: datetime | None  # None before
    message: str  # what went wrong in it, mostly empty


@dataclass(frozen=True, kw_only=True)
class ReleaseView:
    """Everything that is watched."""

    deployment: DeploymentState  # what CodeDeploy says about it
    events: tuple[LifecycleEvent, ...]  # its steps, in their order; empty before it begins
    target_groups: tuple[TargetGroup, ...]  # both, blue first
    images: Mapping[str, str]  # what the tasks of a target group run, by its colour
    alarms: tuple[Alarm, ...]  # the alarms that end it
    elapsed: timedelta  # since it was started
    left: timedelta | None  # how long it still takes if nothing happens; None when it has ended


class ReleaseReader:
    """Reads one release again and again; what cannot change during it is read once.

    Args:
        deployment: the release.
    """

    def __init__(self, aws: Aws, settings: Settings, deployment: DeploymentState) -> None:
        self._aws = aws
        self._settings = settings
        self._id = deployment.deployment_id
        self._service = ServiceReader(aws, settings)
        self._alarms = alarms_of_releases(aws.codedeploy, settings)
        self.timing: Timing = read_timing(aws.codedeploy, settings.names, deployment.configuration)

    def read(self) -> ReleaseView:
        """The release as it is now."""
        deployment = read_deployment(self._aws.codedeploy, self._id)
        events = read_events(self._aws.codedeploy, self._id)
        service = self._service.read()
        now = datetime.now(UTC)
        return ReleaseView(
            deployment=deployment,
            events=events,
            target_groups=read_target_groups(self._aws.elbv2, self._settings),
            images=service.images if service else {},
            alarms=tuple(
                alarm
                for alarm in read_alarms(self._aws.cloudwatch, f"{self._settings.project}-")
                if alarm.name in self._alarms
            ),
            elapsed=(deployment.completed or now) - deployment.created,
            left=None if deployment.ended else self._left(deployment, events, now),
        )

    def _left(self, deployment: DeploymentState, events: tuple[LifecycleEvent, ...], now: datetime) -> timedelta:
        steps = {event.name: event for event in events}
        shift, last = steps.get("AllowTraffic"), steps.get("AfterAllowTraffic")
        baking = deployment.baking and last and last.ended
        return self.timing.left(
            running=now - deployment.created,
            shifting=now - shift.started if shift and shift.started else None,
            baking=now - last.ended if baking and last and last.ended else None,
        )


def alarms_of_releases(codedeploy: "CodeDeployClient", settings: Settings) -> frozenset[str]:
    """The names of the alarms that end a release."""
    group = codedeploy.get_deployment_group(
        applicationName=settings.names.codedeploy_application, deploymentGroupName=settings.names.codedeploy_group
    )["deploymentGroupInfo"]
    return frozenset(alarm.get("name", "") for alarm in group.get("alarmConfiguration", {}).get("alarms", []))


def read_events(codedeploy: "CodeDeployClient", deployment_id: str) -> tuple[LifecycleEvent, ...]:
    """The steps of a deployment; none before it begins."""
    target: DeploymentTargetTypeDef = {}
    with ignoring("DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"):
        pages = codedeploy.get_paginator("list_deployment_targets").paginate(deploymentId=deployment_id)
        for first in [target_id for page in pages for target_id in page["targetIds"]][:1]:
            target = codedeploy.get_deployment_target(deploymentId=deployment_id, targetId=first)["deploymentTarget"]
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
