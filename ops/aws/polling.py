"""Waiting for AWS, or for a process: the one loop that asks again and again."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Polling:
    """How often AWS is asked, and by which clock."""

    # Between two requests. CloudFormation allows few calls a second and account (service quotas), and its own steps
    # take longer than this.
    seconds: float = 3.0
    sleep: Callable[[float], None] = time.sleep  # waits for some seconds
    clock: Callable[[], float] = time.monotonic  # seconds on a clock that only goes forward


def wait(read: Callable[[], T | None], polling: Polling) -> T:
    """Ask until the answer is not None, for as long as it takes."""
    while (answer := read()) is None:
        polling.sleep(polling.seconds)
    return answer


def wait_at_most(limit: float, read: Callable[[], T | None], polling: Polling) -> T | None:
    """Ask until the answer is not None, at least once; None after a limit in seconds."""
    deadline = polling.clock() + limit
    while (answer := read()) is None and polling.clock() < deadline:
        polling.sleep(polling.seconds)
    return answer


def wait_until(reached: Callable[[], bool], polling: Polling, limit: float = math.inf) -> bool:
    """Ask until something is so, at least once; whether it was within the limit, in seconds."""
    return wait_at_most(limit, lambda: reached() or None, polling) is not None


def without_repeats(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Tells a line unless it is the last one again, as what is waited for says the same again and again."""
    last = ""

    def changed(text: str) -> None:
        nonlocal last
        if text != last:
            last = text
            tell(text)

    return changed
