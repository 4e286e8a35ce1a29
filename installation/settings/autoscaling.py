"""How the number of tasks follows the load."""

from collections.abc import Iterator

from pydantic import Field

from installation.settings.section import Section


class AutoscalingSettings(Section):
    """Target tracking: as many tasks as keep one value near its target (decision record 29)."""

    least: int = Field(ge=1, le=20)
    """Fewest tasks, at night too."""
    most: int = Field(ge=2, le=20)
    """Most tasks, which bounds the bill; a release runs twice as many for a while."""
    cpu_percent: int | None = Field(default=None, ge=10, le=90)
    """Average CPU of the service's tasks to hold; below alarms.cpu_percent."""
    requests_per_target: int | None = Field(default=None, ge=1, le=100_000)
    """Requests a minute to hold for each task."""

    def _check(self) -> Iterator[str]:
        if self.least >= self.most:
            yield f"most: {self.most} must be above least ({self.least}), or nothing scales"
        if (self.cpu_percent is None) == (self.requests_per_target is None):
            yield "cpu_percent or requests_per_target: give one of them; two policies would contradict"

    @property
    def text(self) -> str:
        """What is held, for people."""
        return f"CPU {self.cpu_percent} %" if self.cpu_percent else f"{self.requests_per_target} requests a minute each"
