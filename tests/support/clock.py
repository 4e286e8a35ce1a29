"""A clock that tests set: waiting takes no time."""

from ops.aws.polling import Polling


class Clock:
    """A clock that only advances when a caller sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def polling(self, seconds: float = 3.0) -> Polling:
        return Polling(seconds=seconds, sleep=self.sleep, clock=lambda: self.time)
