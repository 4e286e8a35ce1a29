"""What a deploy or destroy workflow is about to do, decided before anybody has credentials."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ops.errors import RefusedError, UnusableInputError

if TYPE_CHECKING:  # the command line loads this module for its modes
    from installation.settings import Settings

# GitHub's runners of each processor (GitHub Docs, "GitHub-hosted runners").
_RUNNERS: Final = {"arm64": "ubuntu-24.04-arm", "x86_64": "ubuntu-24.04"}
# The team's clock; a month's last evening is there, whatever the runner's clock says. By its name: every command loads
# this module, also on a machine that has no time zones.
_TEAM_ZONE: Final = "Asia/Tokyo"
# GitHub starts a scheduled run hours late at times: one before 06:00 is the evening's before.
_LATEST: Final = timedelta(hours=6)


class DeploymentMode(StrEnum):
    """How deploy.yml can be asked to deploy."""

    PROVISIONING = "provisioning"
    BLUEGREEN = "bluegreen"
    CANARY = "canary"


@dataclass(frozen=True, kw_only=True)
class DeployPlan:
    """What deploy.yml does."""

    runner: str  # label of the runner, of the processor that images are built for
    build: bool  # whether an image is built from sources
    text: str  # the same for people


def plan_deploy(settings: "Settings", mode: DeploymentMode, *, image: str, sources: str) -> DeployPlan:
    """Decide from the inputs of the workflow; without an image one is built of the sources, ``owner/name``.

    Raises:
        UnusableInputError: the inputs do not go together.
    """
    release = mode is not DeploymentMode.PROVISIONING
    if image and not release:
        raise UnusableInputError(
            "provisioning takes no image: it starts the one that ran last",
            "Leave the image empty; release it with bluegreen or canary when the month has started.",
        )
    if release and not image and not sources:
        raise UnusableInputError(
            f"{mode} needs an image",
            "Give one, or set the repository's variable APPLICATION_REPOSITORY to owner/name to build it.",
        )
    build = release and not image
    what = f"build {sources} and release it" if build else f"release {image}" if release else "start the month"
    return DeployPlan(
        runner=_RUNNERS[settings.service.architecture if build else "x86_64"],
        build=build,
        text=f"{mode} in {settings.environment}: {what}",
    )


def check_mode(mode: DeploymentMode, *, service_exists: bool, environment: str) -> None:
    """See that the mode fits what is there.

    Raises:
        RefusedError: provisioning, and the service exists; or a release, and it does not.
    """
    if mode is DeploymentMode.PROVISIONING and service_exists:
        raise RefusedError(
            f"the service of {environment} exists: the month has started",
            "Release an image with bluegreen or canary. For a change of the infrastructure: `hannibal start`.",
        )
    if mode is not DeploymentMode.PROVISIONING and not service_exists:
        raise RefusedError(
            f"the service of {environment} does not exist: nothing to release into",
            "Start the month with provisioning.",
        )


def month_ends(settings: "Settings", now: datetime, *, event: str, confirm: str) -> bool:
    """Whether destroy.yml shall go on.

    Raises:
        RefusedError: a person started it and did not type the project's name.
    """
    if event == "schedule":
        today = (now - _LATEST).astimezone(ZoneInfo(_TEAM_ZONE))
        return today.day == monthrange(today.year, today.month)[1]
    if confirm != settings.project:
        raise RefusedError(f"not confirmed: {confirm!r} is not {settings.project!r}; nothing was changed")
    return True
