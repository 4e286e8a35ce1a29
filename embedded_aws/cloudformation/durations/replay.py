"""What one operation on a stack makes when: each resource after those that it depends on, for its typical time."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """What a replay waits by."""

    def now(self) -> float:
        """Seconds that have passed on AWS."""

    async def until(self, moment: float) -> None:
        """Return when the clock shows at least this."""


class FastClock:
    """A clock that runs faster than life by a factor."""

    def __init__(self, factor: float) -> None:
        """Take how many seconds pass for each real one."""
        self._factor = factor

    def now(self) -> float:
        """Seconds since some moment, by the factor."""
        return time.monotonic() * self._factor

    async def until(self, moment: float) -> None:
        """Sleep until then."""
        while (left := moment - self.now()) > 0:
            await asyncio.sleep(left / self._factor)


async def until(clock: Clock, moment: float, stop: asyncio.Event) -> None:
    """Wait until a clock shows a moment, or until a stop."""
    waits = [asyncio.create_task(clock.until(moment)), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


@dataclass(kw_only=True)
class Replay:
    """The resources of one operation, in the order in which they may begin."""

    clock: Clock  # what is waited by
    begins: float  # when the first resource may begin, by the clock
    # All resources of the template in an order in which they can be made, each with those that it depends on.
    waits_for: Mapping[str, Collection[str]]
    tell: Callable[[str], None]  # told of each resource when it is complete
    stop: asyncio.Event  # set when nothing is to be waited for any more
    _complete_at: dict[str, float] = field(default_factory=dict)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _ends: dict[str, float] = field(default_factory=dict)  # by the times alone, whatever the making itself took

    def __post_init__(self) -> None:
        self._left = dict.fromkeys(self.waits_for)

    @property
    def seconds(self) -> float:
        """From the beginning of the first resource to the end of the last, by the times alone."""
        return max(self._ends.values(), default=0.0)

    def order(self) -> Iterator[str]:
        """The resources, that which may begin first at any time; asked for the next when the former one is made.

        After a stop, when nothing is left, the last one again: who asks looks whether it shall go on before each.
        """
        self._left = dict.fromkeys(self.waits_for)
        last = None
        while (following := self._following()) is not None:
            del self._left[following]
            last = following
            yield following
        if last is not None and self.stop.is_set():
            yield last

    def made(self, name: str, seconds: float) -> None:
        """Note that a resource is made: it is complete when its time is over, or now if making it took longer.

        The time begins when it may begin, so that what this machine needs is part of it.
        """
        before = self.waits_for.get(name, ())
        self._ends[name] = max((self._ends[it] for it in before if it in self._ends), default=0.0) + seconds
        self._complete_at[name] = max(self._ready(name) + seconds, self.clock.now())
        self._timers[name] = asyncio.create_task(self._complete(name))

    def is_pending(self, name: str) -> bool:
        """Whether a resource is made and not complete."""
        return name in self._timers

    async def until_next(self) -> None:
        """Wait until the next resource may begin, or if there is none, until all are complete; or until a stop."""
        following = self._following()
        wanted = self.waits_for[following] if following is not None else tuple(self._timers)
        stop = asyncio.create_task(self.stop.wait())
        while not stop.done() and (pending := [self._timers[it] for it in wanted if it in self._timers]):
            await asyncio.wait((*pending, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()

    def give_up(self) -> tuple[str, ...]:
        """Complete nothing any more; return what was in progress."""
        pending = tuple(self._timers)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        return pending

    def _following(self) -> str | None:
        """Of those whose resources are made, the one that may begin first."""
        makeable = (it for it in self._left if not self._left.keys() & set(self.waits_for[it]))
        return min(makeable, key=self._ready, default=None)

    def _ready(self, name: str) -> float:
        before = self.waits_for.get(name, ())
        return max((self._complete_at[it] for it in before if it in self._complete_at), default=self.begins)

    async def _complete(self, name: str) -> None:
        await self.clock.until(self._complete_at[name])
        del self._timers[name]
        self.tell(name)
