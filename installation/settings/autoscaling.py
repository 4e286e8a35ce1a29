"""How the number of tasks follows the load."""

from collections.abc import Iterator

from pydantic import Field

from installation.settings.section import Section


class AutoscalingSettings(Section):
    """Target tracking: as many tasks as keep one value near its target (decision record 29)."""

    least: int = Field(ge=1, le=20)
    """Minimum number of tasks, also at night."""
    most: int = Field(ge=2, le=20)
    """Maximum number of tasks, which limits the cost; a release runs twice as many for a while."""
    cpu_percent: int | None = Field(default=None, ge=10, le=90)
    """Target for the average CPU of the service's tasks; below alarms.cpu_percent."""
    requests_per_target: int | None = Field(default=None, ge=1, le=100_000)
    """Target for the requests per minute of each task."""

    def _check(self) -> Iterator[str]:
        if self.least >= self.most:
            yield f"most: {self.most} must be above least ({self.least}), or nothing scales"
        if (self.cpu_percent is None) == (self.requests_per_target is None):
            yield "cpu_percent or requests_per_target: give one of them; two policies would contradict"

    @property
    def text(self) -> str:
        """What is held, for people."""
        return f"CPU {self.cpu_percent} %" if self.cpu_percent else f"{self.requests_per_target} requests a minute each"
