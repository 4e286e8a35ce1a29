"""A clock of a test for the embedded AWS's waits: it jumps to the next moment that a caller waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

# Far more turns of the event loop than any task needs until it waits for the clock.
_TURNS = 50


class GivenClock:
    """A clock that stands still while any task can continue, and jumps when all tasks wait."""

    def __init__(self) -> None:
        self.time = 0.0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    async def until(self, moment: float) -> None:
        if moment > self.time:
            arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((moment, arrived))
            await arrived

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine to its end."""
        task = asyncio.create_task(work)
        while not task.done():
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            waiting = [it for it in self._waiting if not it[1].done()]
            if not task.done() and waiting:
                self.time = min(moment for moment, _ in waiting)
                for moment, arrived in waiting:
                    if moment <= self.time:
                        arrived.set_result(None)
        await task
