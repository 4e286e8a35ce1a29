"""What a fast clock leaves alone: programs start and answer as fast as the machine can."""

_LONGEST_START_SECONDS = 300.0
_LEAST_ANSWER_SECONDS = 60.0


def start_seconds(seconds: float, *, clock_factor: float) -> float:
    """A grace period of a real program in seconds of life, however fast the clock runs."""
    return max(seconds / clock_factor, min(seconds, _LONGEST_START_SECONDS))


def answer_seconds(seconds: float, *, clock_factor: float) -> float:
    """How long an answer may take: a fast clock has more of them at work, on a machine that is no faster."""
    return seconds if clock_factor <= 1 else max(seconds, _LEAST_ANSWER_SECONDS)
