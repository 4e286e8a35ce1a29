"""A clock for the embedded AWS's waits that a test sets: it jumps to the next moment that a caller waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

# Far more turns than anything that is not waiting by the clock needs to go on.
_TURNS = 50


class GivenClock:
    """Stands still while anything can go on, and jumps when everything waits."""

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
        """Do some work to its end."""
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
