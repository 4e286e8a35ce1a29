"""The modes of a release, and how long each takes by its deployment configuration."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line loads this module for its modes
    from mypy_boto3_codedeploy.type_defs import TrafficRoutingConfigTypeDef

    from ops.aws.clients import Aws


class Mode(StrEnum):
    """The two ways to release of the operations guide."""

    BLUEGREEN = "bluegreen"
    CANARY = "canary"

    @property
    def configuration(self) -> str:
        """Its deployment configuration, a predefined one of AWS."""
        return _CONFIGURATIONS[self]


_CONFIGURATIONS = {
    Mode.BLUEGREEN: "CodeDeployDefault.ECSAllAtOnce",
    Mode.CANARY: "CodeDeployDefault.ECSCanary10Percent5Minutes",
}
# Typical times: a small image on Fargate is pulled and started in about a minute, and a target is healthy after
# two good answers, ten seconds apart.
_TYPICAL_START = timedelta(seconds=90)
_SLOW_START = 3 * _TYPICAL_START  # and the time in which failed health checks do not count
# CodeDeploy fails after an hour, both for tasks that do not become healthy and for a hook that does not answer
# (CodeDeploy user guide, "AppSpec hooks section"; deployment error TIMEOUT).
_LONGEST_START = timedelta(hours=1)
_LONGEST_HOOK = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The waits of a release."""

    shift: timedelta  # from the first to the last shift of traffic
    first_percent: int  # share of traffic of the first shift
    bake: timedelta  # how long the old tasks stay after all traffic has left them, for a rollback
    grace: timedelta = timedelta()  # how long failed health checks of a new task do not count

    @property
    def typical(self) -> timedelta:
        """The typical duration of a release."""
        return _TYPICAL_START + self.shift + self.bake

    @property
    def longest(self) -> timedelta:
        """The longest time after which CodeDeploy itself has ended it."""
        return _LONGEST_START + _LONGEST_HOOK + self.shift + self.bake

    def left(self, *, running: timedelta, shifting: timedelta | None, baking: timedelta | None) -> timedelta | None:
        """The remaining time without incidents; None where the new tasks take much longer than they should.

        The times are those since the release began, since traffic began to shift and since all has shifted; None
        before.
        """
        if baking is not None:
            return max(self.bake - baking, timedelta())
        if shifting is not None:
            return max(self.shift - shifting, timedelta()) + self.bake
        if running > _SLOW_START + self.grace:
            return None
        return max(_TYPICAL_START - running, timedelta()) + self.shift + self.bake


def mode_of(configuration: str) -> str:
    """The mode of a deployment configuration; other configurations are returned unchanged."""
    known = {name: mode.value for mode, name in _CONFIGURATIONS.items()}
    return known.get(configuration, configuration.removeprefix("CodeDeployDefault."))


def read_timing(aws: "Aws", configuration: str) -> Timing:
    """The waits of a release by a configuration into the project's deployment group."""
    info = aws.codedeploy.get_deployment_config(deploymentConfigName=configuration)["deploymentConfigInfo"]
    group = aws.codedeploy.get_deployment_group(
        applicationName=aws.names.codedeploy_application, deploymentGroupName=aws.names.codedeploy_group
    )["deploymentGroupInfo"]
    terminate = group.get("blueGreenDeploymentConfiguration", {}).get("terminateBlueInstancesOnDeploymentSuccess", {})
    shift, first = traffic_shift(info.get("trafficRoutingConfig", {}))
    return Timing(
        shift=shift,
        first_percent=first,
        bake=timedelta(minutes=terminate.get("terminationWaitTimeInMinutes", 0)),
        grace=timedelta(seconds=aws.settings.service.start_grace_seconds),
    )


def traffic_shift(routing: "TrafficRoutingConfigTypeDef") -> tuple[timedelta, int]:
    """The duration of a routing's shift, and its first share in percent."""
    if routing.get("type") == "TimeBasedCanary":
        canary = routing.get("timeBasedCanary", {})
        return timedelta(minutes=canary.get("canaryInterval", 0)), canary.get("canaryPercentage", 100)
    if routing.get("type") == "TimeBasedLinear":
        linear = routing.get("timeBasedLinear", {})
        share = linear.get("linearPercentage", 100)
        steps = ceil(100 / share)
        return (steps - 1) * timedelta(minutes=linear.get("linearInterval", 0)), share
    return timedelta(), 100
