"""Time limits for real programs: they start and answer at the machine's speed, whatever the clock factor."""

_LONGEST_START_SECONDS = 300.0
_LEAST_ANSWER_SECONDS = 60.0


def start_seconds(seconds: float, *, clock_factor: float) -> float:
    """The grace period of a real program, in real seconds."""
    return max(seconds / clock_factor, min(seconds, _LONGEST_START_SECONDS))


def answer_seconds(seconds: float, *, clock_factor: float) -> float:
    """The longest time for an answer: a fast clock causes more work at once on the same machine."""
    return seconds if clock_factor <= 1 else max(seconds, _LEAST_ANSWER_SECONDS)
