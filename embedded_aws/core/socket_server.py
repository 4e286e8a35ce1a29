"""Serves the connections of one listening socket on the background loop."""

import asyncio
import socket
from abc import ABC, abstractmethod

from embedded_aws.core.background import BackgroundLoop

_CHUNK = 65_536


class SocketServer(ABC):
    """A listening socket and its connections."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """The number of connected clients."""
        return len(self._connections)

    def open(self, loop: BackgroundLoop) -> None:
        """Start to accept connections."""
        self._server = loop.run(asyncio.start_server(self._serve, sock=self._listener))

    def close(self, loop: BackgroundLoop) -> None:
        """Stop accepting connections, free the port, and abort the open connections."""
        loop.run(self._close())

    def disconnect(self, loop: BackgroundLoop) -> None:
        """Abort the open connections; the port stays."""
        loop.run(self._disconnect())

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._disconnect()

    async def _disconnect(self) -> None:
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs every connection in a task
        self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # no target listens, one side disconnected, or the server ends: nobody can be notified
        finally:
            self._connections.discard(task)
            writer.close()

    @abstractmethod
    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection, which is closed afterwards."""


async def pass_both_ways(*ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Forward bytes until one side has ended, and close both."""
    tasks = [asyncio.create_task(pass_on(*way)) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, (_, writer) in zip(tasks, ways, strict=True):
            task.cancel()
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward bytes until the end of the stream."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
