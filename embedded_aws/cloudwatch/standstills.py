"""Periods in which this machine was suspended; its sources of data were too, so missing data means nothing."""

import time
from collections import deque

_MOST_KEPT = 100


class Standstills:
    """Finds the periods in which `look` was not called, although it is called regularly."""

    def __init__(self, interval: float) -> None:
        """``interval``: the longest time in seconds between two calls of `look` on a running machine."""
        self._most = interval + max(1.0, interval / 2)  # on a busy machine, each call is a little late
        self._looked_at = time.time()
        self._found: deque[tuple[float, float]] = deque(maxlen=_MOST_KEPT)

    def look(self) -> None:
        """Record that the machine runs."""
        before, self._looked_at = self._looked_at, time.time()
        # The allowed time counts as running: if all calls are late, the clock is slow, but it does not stop.
        if self._looked_at - before > self._most:
            self._found.append((before + self._most, self._looked_at))

    def before_now(self, seconds: float) -> float:
        """The time so many seconds ago, without counting suspended periods."""
        moment = time.time() - seconds
        for began, ended in reversed(self._found):
            if moment >= ended:
                break
            moment -= ended - began
        return moment
