"""HTTPS to the names of distributions and load balancers, by a proxy with a certificate for the name.

Lambda functions get the proxy and the signing authority in variables that Python and most clients read, so that
a function that acts like a user uses the address that users have on AWS.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.resolution import covers
from embedded_aws.core.context import ServerContext, TlsListener
from embedded_aws.core.socket_server import pass_both_ways
from embedded_aws.database.certificates import authority, server_context

_LONGEST_HEAD: Final = 8_192


class EdgeTls:
    """Answers ``CONNECT`` to distributions and to HTTPS listeners of load balancers, and to nothing else.

    Args:
        port_of: the loopback port of the distribution that has a name; None where none has.
        listeners: each gives the loopback port of a listener at a host and port, and its certificates, if it exists.
    """

    def __init__(self, port_of: Callable[[str], int | None], listeners: Sequence[TlsListener]) -> None:
        self._port_of, self._listeners = port_of, listeners
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        self._folder = Path()

    async def start(self, context: ServerContext) -> None:
        """Listen on a free port and pass it to Lambda functions."""
        self._folder = context.temporary_folder / "edge-tls"
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "authority.pem"
        file.write_text(authority())
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for name in ("https_proxy", "HTTPS_PROXY"):
            context.function_variables[name] = address
        context.function_variables["SSL_CERT_FILE"] = str(file)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split()
            host, _, number = head[1].lower().rpartition(":") if head[:1] == ["CONNECT"] else ("", "", "")
            found = self._find(host, int(number)) if host and number.isdigit() else None
            if found is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                return
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            port, names = found
            await writer.start_tls(self._context_for(names))
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
            await pass_both_ways((reader, to_writer), (to_reader, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client disconnected, or uses another protocol
        finally:
            writer.close()

    def _find(self, host: str, number: int) -> tuple[int, list[str]] | None:
        """The loopback port of a name, and the names for its certificate; none for an unknown name."""
        if port := self._port_of(host):
            return port, [host]
        for port, certificates in filter(None, (find(host, number) for find in self._listeners)):
            return port, [name for arn in certificates for name in emulator.certified_names(arn)]
        return None

    def _context_for(self, names: list[str]) -> ssl.SSLContext:
        """A certificate for the requested name if it is one of the names, otherwise for the first.

        Created once: a key takes a tenth of a second, in which the loop is blocked.
        """
        if tuple(names) in self._contexts:
            return self._contexts[tuple(names)]
        first = names[0] if names else "localhost"
        context = server_context(self._folder, first)

        def choose(connection: ssl.SSLObject, server_name: str | None, _: ssl.SSLContext) -> None:
            if server_name and server_name != first and (not names or any(covers(name, server_name) for name in names)):
                connection.context = self._context_for([server_name])

        context.sni_callback = choose
        self._contexts[tuple(names)] = context
        return context
