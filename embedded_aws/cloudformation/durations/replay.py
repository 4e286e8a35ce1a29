"""The schedule of a stack operation: each resource begins after its dependencies and takes its typical time."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """The clock of a replay."""

    def now(self) -> float:
        """Seconds that have passed on AWS."""

    async def until(self, moment: float) -> None:
        """Return when the clock has reached this moment."""


class FastClock:
    """A clock that runs faster than real time by a factor."""

    def __init__(self, factor: float) -> None:
        """Take the number of seconds that pass in each real second."""
        self._factor = factor

    def now(self) -> float:
        """Seconds since an arbitrary moment, multiplied by the factor."""
        return time.monotonic() * self._factor

    async def until(self, moment: float) -> None:
        """Sleep until the clock has reached the moment."""
        while (left := moment - self.now()) > 0:
            await asyncio.sleep(left / self._factor)


async def until(clock: Clock, moment: float, stop: asyncio.Event) -> None:
    """Wait until a clock has reached a moment, or until a stop."""
    waits = [asyncio.create_task(clock.until(moment)), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


@dataclass(kw_only=True)
class Replay:
    """The resources of an operation, in the order in which they may begin."""

    clock: Clock  # the clock for all waits
    begins: float  # when the first resource may begin, by the clock
    # All resources of the template in a possible order of creation, each with its dependencies.
    waits_for: Mapping[str, Collection[str]]
    on_complete: Callable[[str], None]  # called with each resource when it is complete
    stop: asyncio.Event  # set to end all waits
    _complete_at: dict[str, float] = field(default_factory=dict)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _ends: dict[str, float] = field(default_factory=dict)  # by the typical times, not the real ones

    def __post_init__(self) -> None:
        self._left = dict.fromkeys(self.waits_for)

    @property
    def seconds(self) -> float:
        """Seconds from the beginning of the first resource to the end of the last, by the typical times only."""
        return max(self._ends.values(), default=0.0)

    def order(self) -> Iterator[str]:
        """The resources, always the one that may begin first; the caller requests the next after the previous creation.

        After a stop, the last one is repeated at the end, because the caller checks for a cancellation before each.
        """
        self._left = dict.fromkeys(self.waits_for)
        previous = None
        while (following := self._following()) is not None:
            del self._left[following]
            previous = following
            yield following
        if previous is not None and self.stop.is_set():
            yield previous

    def made(self, name: str, seconds: float) -> None:
        """Note that a resource is created: it is complete after its time, or now if the creation took longer.

        The time begins when the resource may begin, so it includes the time that this machine needs.
        """
        before = self.waits_for.get(name, ())
        self._ends[name] = max((self._ends[it] for it in before if it in self._ends), default=0.0) + seconds
        self._complete_at[name] = max(self._ready(name) + seconds, self.clock.now())
        self._timers[name] = asyncio.create_task(self._complete(name))

    def is_pending(self, name: str) -> bool:
        """Whether a resource is created and not yet complete."""
        return name in self._timers

    async def until_next(self) -> None:
        """Wait until the next resource may begin, or without a next one until all are complete; or until a stop."""
        following = self._following()
        wanted = self.waits_for[following] if following is not None else tuple(self._timers)
        stop = asyncio.create_task(self.stop.wait())
        while not stop.done() and (pending := [self._timers[it] for it in wanted if it in self._timers]):
            await asyncio.wait((*pending, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()

    def give_up(self) -> tuple[str, ...]:
        """Complete no more resources; return those in progress."""
        pending = tuple(self._timers)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        return pending

    def _following(self) -> str | None:
        """The remaining resource that may begin first, of those whose dependencies are created."""
        makeable = (it for it in self._left if not self._left.keys() & set(self.waits_for[it]))
        return min(makeable, key=self._ready, default=None)

    def _ready(self, name: str) -> float:
        before = self.waits_for.get(name, ())
        return max((self._complete_at[it] for it in before if it in self._complete_at), default=self.begins)

    async def _complete(self, name: str) -> None:
        await self.clock.until(self._complete_at[name])
        del self._timers[name]
        self.on_complete(name)
