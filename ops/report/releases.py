"""The releases of the month, by CodeDeploy and by the release record."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from ops.aws.clients import Aws
from ops.release.history import PastRelease, read_history
from ops.release.record import Record
from ops.report.period import Period

_MOST: Final = 200


@dataclass(frozen=True, kw_only=True)
class Releases:
    """Releases of one month, the newest first."""

    deployments: tuple[PastRelease, ...]  # by CodeDeploy, which loses them when the month's stacks are destroyed
    records: tuple[Record, ...]  # by the release record

    @property
    def started(self) -> tuple[PastRelease, ...]:
        """Releases that a person or a workflow started, without CodeDeploy's own rollbacks."""
        return tuple(one for one in self.deployments if not one.rolls_back)

    @property
    def succeeded(self) -> int:
        """The number of successful releases."""
        return sum(one.result == "Succeeded" for one in self.started)

    @property
    def failed(self) -> int:
        """The number of failed releases; a running release is neither."""
        return sum(one.duration is not None and one.result != "Succeeded" for one in self.started)

    @property
    def typical(self) -> timedelta | None:
        """The median duration of successful releases."""
        durations = [one.duration for one in self.started if one.duration is not None and one.result == "Succeeded"]
        return timedelta(seconds=median(one.total_seconds() for one in durations)) if durations else None


def read_releases(aws: Aws, period: Period) -> Releases:
    """The releases that were started in a month."""
    history = read_history(aws, _MOST)
    return Releases(
        deployments=tuple(one for one in history.deployments if one.created in period),
        records=tuple(one for one in history.records if one.since in period),
    )
