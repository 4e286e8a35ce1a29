"""The loopback port with TLS, as in RDS, on which clients reach a database.

The local PostgreSQL is built without TLS, and clients of RDS must encrypt (``rds.force_ssl``, on by default
since PostgreSQL 15; Amazon RDS user guide, "Using SSL with a PostgreSQL DB instance"). So the gateway terminates TLS
and forwards the content to the server's Unix socket.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Iterable
from contextlib import suppress

from embedded_aws.core.socket_server import SocketServer, pass_both_ways

HOST = "127.0.0.1"
# First message of a connection: its length and one of these (PostgreSQL documentation, "Message Formats").
_HEAD = struct.Struct("!II")
_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104
_CANCEL_REQUEST = 80877102
_LONGEST_STARTUP = 10_000


class PortTakenError(Exception):
    """Another program uses a port that a database needs."""


def bind(ports: Iterable[int]) -> socket.socket:
    """Bind the first free one of the ports.

    Raises:
        PortTakenError: no port is free.
    """
    tried = []
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError:
            listener.close()
            tried.append(str(port))
        else:
            return listener
    raise PortTakenError(f"{HOST}:{', '.join(tried)} is used by another program")


class Gateway(SocketServer):
    """Forwards the connections at a port to a server."""

    def __init__(self, listener: socket.socket, *, server: str, tls: ssl.SSLContext) -> None:
        super().__init__(listener)
        self.port: int = listener.getsockname()[1]
        self.require_tls = True  # may change while it is open
        self._server_socket = server
        self._tls = tls

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = False
        head = await reader.readexactly(_HEAD.size)
        while (code := _HEAD.unpack(head)[1]) in (_SSL_REQUEST, _GSS_REQUEST):
            start_tls = code == _SSL_REQUEST and not encrypted
            writer.write(b"S" if start_tls else b"N")
            await writer.drain()
            if start_tls:
                await writer.start_tls(self._tls)
                encrypted = True
            head = await reader.readexactly(_HEAD.size)
        if self.require_tls and not encrypted and code != _CANCEL_REQUEST:
            await _refuse(reader, writer, _HEAD.unpack(head)[0])
            return
        server_reader, server_writer = await asyncio.open_unix_connection(self._server_socket)
        server_writer.write(head)
        await pass_both_ways((reader, server_writer), (server_reader, writer))


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int) -> None:
    """Refuse an unencrypted connection with the answer of a server that has only ``hostssl`` lines."""
    rest = await reader.readexactly(min(length, _LONGEST_STARTUP) - _HEAD.size)
    words = rest.decode(errors="replace").split("\0")
    parameters = dict(zip(words[::2], words[1::2], strict=False))
    user = parameters.get("user", "")
    message = (
        f'no pg_hba.conf entry for host "{writer.get_extra_info("peername")[0]}", user "{user}", '
        f'database "{parameters.get("database", user)}", no encryption'
    )
    fields = b"".join(
        key + text.encode() + b"\0"
        for key, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "28000"), (b"M", message))
    )
    body = fields + b"\0"
    writer.write(b"E" + struct.pack("!I", len(body) + 4) + body)
    with suppress(OSError):
        await writer.drain()
