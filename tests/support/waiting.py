"""Waiting in tests: for an event, with a limit that no busy machine reaches."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

# Only a test that fails waits so long. With six busy loops on two cores everything takes four to eight times as long.
LIMIT_SECONDS: Final = 900.0
# Where one wait was in vain, those after it often are: seven of them took a whole run more time than it had.
LATER_SECONDS: Final = 60.0
_in_vain: Final[list[object]] = []


def wait_for(condition: Callable[[], T], what: object = "the condition") -> T:
    """Ask until the answer is true, and return it.

    Args:
        condition: asked again and again.
        what: named where it does not come true.
    """
    begun = asked = time.monotonic()
    limit = LATER_SECONDS if _in_vain else LIMIT_SECONDS
    while not (answer := condition()):
        now = time.monotonic()
        if now - begun >= limit:
            _in_vain.append(what)
            raise AssertionError(f"{what} did not come true within {limit:g} seconds")
        # Each question takes the processor from what is waited for: a long wait, and a long question, ask less often.
        time.sleep(min(0.5, max(0.1, (now - begun) / 5, now - asked)))
        asked = time.monotonic()
    return answer
