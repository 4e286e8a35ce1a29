"""What a deploy or destroy workflow will do, decided before any job has credentials."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ops.errors import RefusedError, UnusableInputError

if TYPE_CHECKING:  # the command line loads this module for its modes
    from installation.settings import Settings

# GitHub's runners by processor (GitHub Docs, "GitHub-hosted runners").
_RUNNERS: Final = {"arm64": "ubuntu-24.04-arm", "x86_64": "ubuntu-24.04"}
# The team's time zone, in which a month's last evening is. By its name: every command loads
# this module, also on a machine without time zone data.
_TEAM_ZONE: Final = "Asia/Tokyo"
# GitHub may start a scheduled run hours late: a run before 06:00 belongs to the evening before.
_LATEST: Final = timedelta(hours=6)


class DeploymentMode(StrEnum):
    """The modes of deploy.yml."""

    PROVISIONING = "provisioning"
    BLUEGREEN = "bluegreen"
    CANARY = "canary"


@dataclass(frozen=True, kw_only=True)
class DeployPlan:
    """The plan of deploy.yml."""

    runner: str  # label of a runner with the processor that images are built for
    build: bool  # whether an image is built from sources
    text: str  # the plan for people


def plan_deploy(settings: "Settings", mode: DeploymentMode, *, image: str, sources: str) -> DeployPlan:
    """Decide by the inputs of the workflow; without an image one is built from the sources, ``owner/name``.

    Raises:
        UnusableInputError: the inputs contradict each other.
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
    sentence = f"build {sources} and release it" if build else f"release {image}" if release else "start the month"
    return DeployPlan(
        runner=_RUNNERS[settings.service.architecture if build else "x86_64"],
        build=build,
        text=f"{mode} in {settings.environment}: {sentence}",
    )


def check_mode(mode: DeploymentMode, *, service_exists: bool, environment: str) -> None:
    """Check the mode: RefusedError for provisioning where the service exists, and for a release where it does not."""
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


def month_ends(
    settings: "Settings", now: datetime, *, event: str, confirm: str, attempt: int = 1, planned: bool = False
) -> bool:
    """Whether destroy.yml is to destroy the month.

    Args:
        planned: an earlier job of the run has said so. A month's end that failed half-way goes on costing money, so
            the next attempt is no success if it does nothing.

    Raises:
        RefusedError: a person started it and did not type the project's name, or typed it for an earlier attempt; or
            the planned evening is over.
    """
    if event == "schedule":
        today = (now - _LATEST).astimezone(ZoneInfo(_TEAM_ZONE))
        ends = today.day == monthrange(today.year, today.month)[1]
        if planned and not ends:
            raise RefusedError(
                "the evening on which the month was to end is over; nothing was changed",
                "Start a new run of destroy.yml.",
            )
        return ends
    if attempt > 1:
        raise RefusedError(
            "this run is repeated, and another month may run since the name was typed; nothing was changed",
            "Start a new run of destroy.yml.",
        )
    if confirm != settings.project:
        raise RefusedError(f"not confirmed: {confirm!r} is not {settings.project!r}; nothing was changed")
    return True
