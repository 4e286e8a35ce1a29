"""Times in which this machine stood still, and with it what would have sent data: that there are none says nothing."""

import time
from collections import deque

_MOST_KEPT = 100


class Standstills:
    """Notes when `look` was not called, although it is all the time."""

    def __init__(self, interval: float) -> None:
        """Take the most seconds between two looks of a machine that runs."""
        self._most = interval + max(1.0, interval / 2)  # on a busy machine each begins a little late
        self._looked_at = time.time()
        self._found: deque[tuple[float, float]] = deque(maxlen=_MOST_KEPT)

    def look(self) -> None:
        """Say that it runs."""
        before, self._looked_at = self._looked_at, time.time()
        # What a look has to itself passes: by looks that all come late the clock is slow, but it does not stand.
        if self._looked_at - before > self._most:
            self._found.append((before + self._most, self._looked_at))

    def before_now(self, seconds: float) -> float:
        """The moment so many seconds ago, by a clock that stood still as well."""
        moment = time.time() - seconds
        for began, ended in reversed(self._found):
            if moment >= ended:
                break
            moment -= ended - began
        return moment
