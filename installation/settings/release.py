"""The section `release` of a configuration file."""

from typing import Literal

from pydantic import Field

from installation.settings.section import Command, Section, UrlPath


class ReleaseSettings(Section):
    """What a release does before it gets its users' traffic: migration, and verification through the test listener."""

    migrate: Command | None = None
    """Command of the new image that changes the database's schema before the release, as a list of words; None: no
    migration."""
    migrate_minutes: int = Field(default=15, ge=1, le=60)
    """Longest time of that command; then it is stopped, and the release does not begin. An hour at most, because the
    workflow's job and its credentials last 90 minutes, with the release."""
    snapshot: bool = False
    """Whether a release of another image first takes a snapshot of the database, and waits for it; each is billed by
    the GB until it is pruned (`database.snapshots_kept`)."""

    refuse_findings: Literal["critical", "high"] | None = None
    """Refuse an image in which ECR's scan found something of this severity or above, or that it has not scanned; None:
    show the findings, and release."""

    verify_path: UrlPath | None = "/health"
    """Path of the request that verifies a release, written as in an address; by default service.health_path, which
    every image answers that passes its health checks. None: no request."""
    verify_status: int = Field(default=200, ge=200, le=599)
    """Status of a good answer; those below 200 end none."""
    verify_seconds: float = Field(default=2.0, gt=0, le=20)
    """Longest time of a good answer; as the alarm that ends a running release."""
