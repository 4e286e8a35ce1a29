"""One thing in the account that is not as an administrator left it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that lets whoever has the pipeline's credentials do more, or hides what it did."""

    cause: str  # a stable word for scripts, such as ``trail-off``
    summary: str  # what is wrong, in one sentence
    command: str  # what an administrator runs to put it right
    seen: tuple[tuple[str, str], ...] = ()  # where it was seen and what, where the summary does not say it
