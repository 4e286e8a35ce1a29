"""Orders to the embedded AWS, below its endpoint; AWS has no such paths."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from ops.errors import FailedError

_SECONDS = 10.0


def clock_factor(endpoint: str | None) -> float:
    """How many seconds pass there for each of ours; 1 on AWS."""
    if endpoint is None:
        return 1.0
    with suppress(FailedError, KeyError, TypeError):
        return float(_ask(endpoint, "clock", "GET")["factor"])
    return 1.0


def order(endpoint: str, kind: str, pattern: str) -> None:
    """Have something go wrong.

    Raises:
        FailedError: it does not take orders.
    """
    _ask(endpoint, "faults", "POST", {"kind": kind, "pattern": pattern})


def end(endpoint: str, kind: str, pattern: str) -> None:
    """Let it go well again; other orders stand.

    Raises:
        FailedError: it does not take orders.
    """
    _ask(endpoint, "faults", "DELETE", {"kind": kind, "pattern": pattern})


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
    with suppress(FailedError, KeyError, TypeError):
        listed = _ask(endpoint, "faults", "GET")
        return tuple(FaultInEffect(kind=it["kind"], pattern=it["pattern"]) for it in listed)
    return ()


def end_all(endpoint: str) -> None:
    """Let everything go well again.

    Raises:
        FailedError: it does not take orders.
    """
    _ask(endpoint, "faults", "DELETE")


def _ask(endpoint: str, path: str, method: str, content: dict[str, str] | None = None) -> Any:
    body = json.dumps(content).encode() if content else None
    address = f"{endpoint.rstrip('/')}/_hannibal/{path}"
    request = Request(address, data=body, method=method)  # noqa: S310 - boto3's own endpoint, the embedded AWS's
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except (URLError, TimeoutError, ValueError) as error:
        raise FailedError(f"{endpoint} takes no orders to let something go wrong: {error}") from error
