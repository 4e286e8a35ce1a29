"""The sections `alarms` and `objectives` of a configuration file: thresholds, and error budgets."""

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from installation.settings.section import Section

# The windows of the alarms, in minutes (decision record 39): the long one says that it matters, the short one that it
# goes on.
SHORT_MINUTES: Final = 5
LONG_MINUTES: Final = 10


class AlarmSettings(Section):
    """Thresholds of the operations guide; each alarm goes to the alert topic, and so does its recovery."""

    cpu_percent: int = Field(default=80, ge=1, le=100)
    """ECS service CPU, for five minutes."""
    memory_percent: int = Field(default=90, ge=1, le=100)
    """ECS service memory, for five minutes."""
    errors_5xx_per_5_minutes: int = Field(default=10, ge=1)
    """5xx answers of load balancer and targets, in one period of five minutes."""
    database_connections: int = Field(default=80, ge=1)
    """Open connections, for five minutes; must stay below max_connections."""
    no_target_minutes: int = Field(default=5, ge=3, le=60)
    """Minutes without a healthy target; a single task that fails is replaced in two, and the newest minute may lack
    data."""
    task_failures_per_15_minutes: int = Field(default=3, ge=2, le=100)
    """Tasks that end by themselves, fail to start or fail their health checks; a task that fails once is replaced."""
    database_free_storage_percent: int = Field(default=15, ge=1, le=50)
    """Share of the storage that is left, for five minutes; a full database stops, and an enlargement takes hours."""
    database_free_memory_mib: int = Field(default=64, ge=16, le=65_536)
    """Memory that is left, for five minutes; a 1 GiB class has about 200 MiB left in daily work."""
    database_credit_hours: int = Field(default=3, ge=1, le=12)
    """Hours in a row with CPU credits for less than one hour; a new database has none and earns them from then on."""
    release_error_percent: float = Field(default=5.0, gt=0, le=100)
    """Share of 5xx answers in a minute that ends a running release."""
    release_p95_seconds: float = Field(default=2.0, gt=0, le=60)
    """95th percentile of response time in a minute that ends a running release."""
    release_min_requests: int = Field(default=20, ge=1)
    """Requests in a minute below which a target group's error share and percentile do not count."""


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
            most = 100 / (100 - min(self.availability_percent, self.latency_percent))
            yield (
                f"burn_rate: at {self.burn_rate:g} the error share is above 100 %; no alarm could go into ALARM; "
                f"below {most:.3g}, or higher objectives"
            )

    @property
    def availability_limit(self) -> float:
        """Share of 5xx answers in percent beyond which the budget is spent too fast."""
        return round(self.burn_rate * (100 - self.availability_percent), 6)

    @property
    def latency_limit(self) -> float:
        """The same for the share of late answers."""
        return round(self.burn_rate * (100 - self.latency_percent), 6)
