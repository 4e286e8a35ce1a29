"""How the page writes counts, times and durations."""

from datetime import datetime, timedelta


def plural(word: str, count: int) -> str:
    """A word for one or for many."""
    return word if count == 1 else f"{word}s"


def moment(time: datetime) -> str:
    """A time of the month, in UTC, that no narrow column breaks."""
    return f"{time:%d\u00a0%b\u00a0%H:%M}"


def span(length: timedelta) -> str:
    """A length of time."""
    seconds = round(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
