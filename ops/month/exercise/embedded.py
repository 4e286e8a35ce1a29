"""Faults that are injected into the embedded AWS, and its clock."""

from contextlib import suppress
from dataclasses import dataclass

from ops.aws.embedded import NotEmbeddedError, ask
from ops.errors import FailedError


def clock_factor(endpoint: str | None) -> float:
    """Seconds of the embedded AWS's clock per second of this machine; 1 on AWS."""
    if endpoint is None:
        return 1.0
    with suppress(NotEmbeddedError, KeyError, TypeError):
        return float(ask(endpoint, "clock")["factor"])
    return 1.0


def inject(endpoint: str, kind: str, pattern: str) -> None:
    """Begin a fault.

    Raises:
        FailedError: the endpoint injects no faults.
    """
    _ask(endpoint, "POST", {"kind": kind, "pattern": pattern})


def end(endpoint: str, kind: str, pattern: str) -> None:
    """End one fault; others continue.

    Raises:
        FailedError: the endpoint injects no faults.
    """
    _ask(endpoint, "DELETE", {"kind": kind, "pattern": pattern})


@dataclass(frozen=True, kw_only=True)
class FaultInEffect:
    """A fault that the embedded AWS simulates until it is ended."""

    kind: str  # such as ``storage_fills``
    pattern: str  # what it affects

    @property
    def text(self) -> str:
        """Its description in one line."""
        return f"the embedded AWS gets the fault {self.kind} for {self.pattern}"


def faults_in_effect(endpoint: str | None) -> tuple[FaultInEffect, ...]:
    """Faults that a killed exercise left, or a person injected; none on AWS."""
    if endpoint is None:
        return ()
    with suppress(NotEmbeddedError, KeyError, TypeError):
        return tuple(FaultInEffect(kind=it["kind"], pattern=it["pattern"]) for it in ask(endpoint, "faults"))
    return ()


def end_all(endpoint: str) -> None:
    """End all faults.

    Raises:
        FailedError: the endpoint injects no faults.
    """
    _ask(endpoint, "DELETE")


def _ask(endpoint: str, method: str, content: dict[str, str] | None = None) -> None:
    try:
        ask(endpoint, "faults", method=method, content=content)
    except NotEmbeddedError as error:
        raise FailedError(f"{endpoint} injects no faults: {error}") from error
