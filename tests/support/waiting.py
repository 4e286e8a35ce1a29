"""Waiting in tests: for an event, with a limit that no busy machine reaches."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

# Only a failing test waits so long. With six busy loops on two cores, everything takes four to eight times as long.
LIMIT_SECONDS: Final = 900.0
# After one wait that failed, later ones often fail too: seven of them exceeded the time of a whole run.
LATER_SECONDS: Final = 60.0
_in_vain: Final[list[object]] = []


def wait_for(condition: Callable[[], T], what: object = "the condition") -> T:
    """Evaluate a condition until its result is true, and return the result.

    Args:
        condition: a function that is called repeatedly.
        what: its name in the error after the limit.
    """
    begun = last_call = time.monotonic()
    limit = LATER_SECONDS if _in_vain else LIMIT_SECONDS
    while not (answer := condition()):
        now = time.monotonic()
        if now - begun >= limit:
            _in_vain.append(what)
            raise AssertionError(f"{what} did not come true within {limit:g} seconds")
        # Each call takes processor time from the awaited event: long waits and slow conditions are called less often.
        time.sleep(min(0.5, max(0.1, (now - begun) / 5, now - last_call)))
        last_call = time.monotonic()
    return answer
