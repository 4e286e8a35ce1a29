"""The section `audit` of a configuration file."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from installation.settings.section import RetentionDays, Section

TrailLock = Literal["governance", "compliance"]


class AuditSettings(Section):
    """CloudTrail and its analysis."""

    retention_days: RetentionDays = 90
    """Days that trail files and log group are kept, as the guide promises."""
    trail_lock: TrailLock = "governance"
    """Object Lock of the trail's files: an administrator may remove a `governance` lock, nobody a `compliance` lock
    (decision record on evidence and data)."""
    scan_limit_gib: int = Field(default=10, ge=1, le=1024)
    """Maximum that one Athena query may read; 10 GiB cost 5 cents."""
    results_retention_days: int = Field(default=30, ge=1, le=365)
    """Days that query results are kept; they can be computed again."""
    snapshots_kept_days: int = Field(default=14, ge=7, le=3653)
    """Age from which the pipeline may delete a snapshot of a month's end or of a release: time to notice wrong
    snapshots."""
    month_ends_kept_days: int = Field(default=62, ge=7, le=3653)
    """The same for the last snapshot of each month; with one a month, three are kept, as many as pruning leaves."""
    create_trail: bool = True
    """False if the account already has an organisation trail: a second one is billed by the event. The security alarms
    read only this trail's log group: without it there are none, and the owner of the other trail decides about the lock
    of its files."""
    existing_trail_location: str | None = Field(default=None, pattern=r"^s3://[a-z0-9.-]+/([!-~]+/)?CloudTrail/$")
    """Where that other trail keeps this account's files: s3://BUCKET/AWSLogs/ORGANISATION/ACCOUNT/CloudTrail/."""

    def _check_trail(self) -> Iterator[str]:
        if self.create_trail == (self.existing_trail_location is not None):
            yield "existing_trail_location: needed where create_trail is false, and only there"
