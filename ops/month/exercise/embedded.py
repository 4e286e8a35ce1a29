"""Orders to the embedded AWS, below its endpoint; AWS has no such paths."""

import json
from contextlib import suppress
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


def _ask(endpoint: str, path: str, method: str, content: dict[str, str] | None = None) -> Any:
    body = json.dumps(content).encode() if content else None
    # boto3's own endpoint, which is the embedded AWS's.
    request = Request(f"{endpoint.rstrip('/')}/_hannibal/{path}", data=body, method=method)  # noqa: S310
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except (URLError, TimeoutError, ValueError) as error:
        raise FailedError(f"{endpoint} takes no orders to let something go wrong: {error}") from error
