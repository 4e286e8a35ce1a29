"""The month of a report."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ops.cost.actual import month_range


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month in UTC, as AWS bills and measures."""

    first: date  # its first day
    after: date  # the day after its last day that has begun
    now: datetime  # when the report is made

    @property
    def month(self) -> str:
        """The month, such as ``2026-11``."""
        return f"{self.first:%Y-%m}"

    @property
    def begin(self) -> datetime:
        """The beginning of the month."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end_of_month(self) -> datetime:
        """The end of the month, exclusive."""
        return datetime.combine(self.next_first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The end of the month, exclusive, or now while it is not over."""
        return min(self.end_of_month, self.now)

    @property
    def next_first(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the month, also future ones."""
        return tuple(self.first + timedelta(days=number) for number in range((self.next_first - self.first).days))

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end_of_month

    def share(self, moment: datetime) -> float:
        """The position of a time in the month, from 0 to 1."""
        return min(max((moment - self.begin) / timedelta(days=len(self.days)), 0.0), 1.0)


def period_of(month: str | None, now: datetime) -> Period:
    """The period of a month such as ``2026-11``, by default the current one.

    Raises:
        UnusableInputError: the text is no month, or the month has not begun.
    """
    first, after = month_range(month, now.astimezone(UTC).date())
    return Period(first=first, after=after, now=now)
