"""Work beside API requests: on a separate event loop, every minute, or on a separate thread."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from embedded_aws.core.context import ServerContext

T = TypeVar("T")
_MINUTE = 60.0

logger = logging.getLogger("embedded_aws.core")


class BackgroundLoop:
    """Runs the listeners of load balancers, the services in the tasks and the health checks between them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background-loop", daemon=True)

    def start(self) -> None:
        """Start the thread that runs the spawned coroutines."""
        self._thread.start()

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine concurrently; may be called from any thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout_seconds: float = 600.0) -> T:
        """Run a coroutine from another thread, and wait for its result. Raises TimeoutError: it took longer."""
        return self.spawn(coroutine).result(timeout_seconds)

    def stop(self) -> None:
        """Cancel the running coroutines, let them clean up, and end the thread."""
        if self._thread.ident is None:  # never started, because an earlier step failed
            return
        self.run(_cancel_other_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_other_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def every_minute(context: ServerContext, work: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine at the start and every minute of the server's clock, and never while a request is answered."""

    async def repeat() -> None:
        while True:
            try:
                await work()
            except Exception:
                # One failure must not prevent the next runs.
                logger.exception("each minute: %s", work)
            await asyncio.sleep(max(1.0, _MINUTE / context.clock_factor))

    def start() -> None:
        from embedded_aws.core import emulator  # it reads the environment when it is imported

        asyncio.run_coroutine_threadsafe(repeat(), emulator.loop())

    context.on_start(start)


class Ticker:
    """Calls a function periodically on a separate thread, in the account and region of the server."""

    def __init__(self, context: ServerContext, tick: Callable[[], None], *, name: str, seconds: float) -> None:
        """Take the server, the function, the thread's name, and the seconds to wait before each call."""
        self._context = context
        self._tick, self._seconds = tick, seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        context.on_start(self._thread.start)
        context.on_stop(self._stop)

    def _run(self) -> None:
        with self._context.scope():
            while not self._ended.wait(self._seconds):
                try:
                    self._tick()
                except Exception:
                    # One failure must not prevent the next runs.
                    logger.exception("ticking: %s", self._thread.name)

    def _stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
