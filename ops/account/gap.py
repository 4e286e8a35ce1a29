"""One thing in the account that is not as an administrator left it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that lets a stolen pipeline do more, or hides what it did.

    Attributes:
        cause: a stable word for scripts, such as ``trail-off``.
        summary: what is wrong, in one sentence.
        command: what an administrator runs to put it right.
        seen: where it was seen and what, where the summary does not say it.
    """

    cause: str
    summary: str
    command: str
    seen: tuple[tuple[str, str], ...] = ()
