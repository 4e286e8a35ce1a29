"""A gap in an account's safeguards."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A missing safeguard, by which the pipeline's credentials allow more, or leave no evidence."""

    cause: str  # a stable word for scripts, such as ``trail-off``
    summary: str  # what is wrong, in one sentence
    command: str  # the command by which an administrator repairs it
    seen: tuple[tuple[str, str], ...] = ()  # resources and observations that the summary does not have
