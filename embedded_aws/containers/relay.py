"""Passes connections that arrive at one socket on to an address of loopback."""

import asyncio
import socket
from contextlib import suppress

from embedded_aws.core.background import BackgroundLoop

_CHUNK = 65536
_HOST = "127.0.0.1"


class Relay:
    """One listening socket, wherever it was opened, and the port of loopback that its connections are for."""

    def __init__(self, listener: socket.socket, *, port: int) -> None:
        self._listener = listener
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    def open(self, loop: BackgroundLoop) -> None:
        """Begin to accept."""
        loop.run(self._open())

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._listener)

    def close(self, loop: BackgroundLoop) -> None:
        """Accept nothing more and break what is connected."""
        loop.run(self._close())

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs every connection in a task
        self._connections.add(task)
        try:
            there_reader, there_writer = await asyncio.open_connection(_HOST, self._port)
            try:
                await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))
            finally:
                there_writer.close()
        except (OSError, asyncio.CancelledError):
            pass  # nobody listens there, a side left, or the task ends: there is nobody to tell
        finally:
            self._connections.discard(task)
            writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on, and in the end the end itself: the other way may go on."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
