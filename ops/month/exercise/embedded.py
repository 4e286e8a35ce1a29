"""What the embedded AWS is told to let go wrong, and by which clock it does."""

from contextlib import suppress
from dataclasses import dataclass

from ops.aws.embedded import NotEmbeddedError, ask
from ops.errors import FailedError


def clock_factor(endpoint: str | None) -> float:
    """How many seconds pass there for each of ours; 1 on AWS."""
    if endpoint is None:
        return 1.0
    with suppress(NotEmbeddedError, KeyError, TypeError):
        return float(ask(endpoint, "clock")["factor"])
    return 1.0


def order(endpoint: str, kind: str, pattern: str) -> None:
    """Have something go wrong.

    Raises:
        FailedError: it does not take orders.
    """
    _order(endpoint, "POST", {"kind": kind, "pattern": pattern})


def end(endpoint: str, kind: str, pattern: str) -> None:
    """Let it go well again; other orders stand.

    Raises:
        FailedError: it does not take orders.
    """
    _order(endpoint, "DELETE", {"kind": kind, "pattern": pattern})


@dataclass(frozen=True, kw_only=True)
class FaultInEffect:
    """What the embedded AWS lets go wrong until it is taken back."""

    kind: str  # such as ``storage_fills``
    pattern: str  # what it is about

    @property
    def text(self) -> str:
        """For people."""
        return f"the embedded AWS is told {self.kind} of {self.pattern}"


def faults_in_effect(endpoint: str | None) -> tuple[FaultInEffect, ...]:
    """What it lets go wrong, of an exercise that was killed or by an order; nothing on AWS."""
    if endpoint is None:
        return ()
    with suppress(NotEmbeddedError, KeyError, TypeError):
        listed = ask(endpoint, "faults")
        return tuple(FaultInEffect(kind=it["kind"], pattern=it["pattern"]) for it in listed)
    return ()


def end_all(endpoint: str) -> None:
    """Let everything go well again.

    Raises:
        FailedError: it does not take orders.
    """
    _order(endpoint, "DELETE")


def _order(endpoint: str, method: str, content: dict[str, str] | None = None) -> None:
    try:
        ask(endpoint, "faults", method=method, content=content)
    except NotEmbeddedError as error:
        raise FailedError(f"{endpoint} takes no orders to let something go wrong: {error}") from error
