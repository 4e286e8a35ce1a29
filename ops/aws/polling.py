"""Waiting for AWS or a process: the only polling loop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Polling:
    """How often AWS is polled, and by which clock."""

    # Seconds between two requests. CloudFormation allows few calls per second and account (service quotas), and its own
    # steps take longer than this.
    seconds: float = 3.0
    sleep: Callable[[float], None] = time.sleep  # waits for some seconds
    clock: Callable[[], float] = time.monotonic  # seconds on a clock that never goes back


def wait(read: Callable[[], T | None], polling: Polling) -> T:
    """Call until the answer is not None, without a limit."""
    while (answer := read()) is None:
        polling.sleep(polling.seconds)
    return answer


def wait_at_most(limit: float, read: Callable[[], T | None], polling: Polling) -> T | None:
    """Call at least once, until the answer is not None; None after a limit in seconds."""
    deadline = polling.clock() + limit
    while (answer := read()) is None and polling.clock() < deadline:
        polling.sleep(polling.seconds)
    return answer


def wait_until(reached: Callable[[], bool], polling: Polling, limit: float = math.inf) -> bool:
    """Call at least once, until the answer is true; returns whether that was within the limit in seconds."""
    return wait_at_most(limit, lambda: reached() or None, polling) is not None


def without_repeats(notify: Callable[[str], None]) -> Callable[[str], None]:
    """A function that passes on a line unless it equals the last one: polling sees the same state many times."""
    last = ""

    def changed(text: str) -> None:
        nonlocal last
        if text != last:
            last = text
            notify(text)

    return changed
