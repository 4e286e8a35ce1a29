"""What users may expect of the service in a month, as a section of the configuration file."""

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from installation.settings.section import Section

# The windows of the alarms, in minutes (decision record 39): the long one says that it matters, the short one that it
# goes on.
SHORT_MINUTES: Final = 5
LONG_MINUTES: Final = 10


class ObjectiveSettings(Section):
    """Objectives, which leave an error budget for each month, and how fast it may be spent unnoticed."""

    availability_percent: float = Field(default=99.9, ge=90, lt=100)
    """Share of answers that are not 5xx. 99.9: 43 minutes of a month, as one bad release and one failing zone take."""
    latency_seconds: float = Field(default=2.0, gt=0, le=60)
    """Longest time of an answer that counts as in time; as in the guide, and as the limit that rolls a release back."""
    latency_percent: float = Field(default=99.0, ge=50, lt=100)
    """Share of answers in time. 99: the first request of a new task and a slow report may take longer."""
    burn_rate: float = Field(default=6.0, ge=2, le=100)
    """Burn rate at which an alarm goes into ALARM: 1 spends the error budget in one month, 6 in 5 days."""
    least_requests: int = Field(default=180, ge=10)
    """Requests in a window below which a share does not count, so that a single failure never causes an alarm."""

    def _check_floor(self) -> Iterator[str]:
        single = 100 / self.least_requests
        if single >= self.availability_limit:
            least = int(100 / self.availability_limit) + 1
            yield (
                f"least_requests: with {self.least_requests} a single failure is {single:.2g} % and alarms at "
                f"{self.availability_limit:.2g} %; at least {least}, or a higher burn_rate"
            )
        if max(self.availability_limit, self.latency_limit) >= 100:
            yield "burn_rate: so many times the budget is more than everything; no alarm could sound"

    @property
    def availability_limit(self) -> float:
        """Share of 5xx answers in percent beyond which the budget is spent too fast."""
        return round(self.burn_rate * (100 - self.availability_percent), 6)

    @property
    def latency_limit(self) -> float:
        """The same for the share of late answers."""
        return round(self.burn_rate * (100 - self.latency_percent), 6)
