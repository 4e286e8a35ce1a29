"""Passes connections that arrive at one socket on to an address of loopback."""

import asyncio
import socket
from contextlib import suppress

from embedded_aws.core.socket_server import SocketServer, pass_on

_HOST = "127.0.0.1"


class Relay(SocketServer):
    """One listening socket, wherever it was opened, and the port of loopback that its connections are for."""

    def __init__(self, listener: socket.socket, *, port: int) -> None:
        super().__init__(listener)
        self._port = port

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(_HOST, self._port)
        try:
            await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))
        finally:
            there_writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on, and in the end the end itself: the other way may go on."""
    await pass_on(reader, writer)
    with suppress(OSError):
        writer.write_eof()
