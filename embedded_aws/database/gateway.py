"""The loopback port with TLS, as in RDS, on which clients reach a database.

The local PostgreSQL is built without TLS, and clients of RDS must encrypt (``rds.force_ssl``, on by default
since PostgreSQL 15; Amazon RDS user guide, "Using SSL with a PostgreSQL DB instance"). So the gateway terminates TLS
and forwards the content to the server's Unix socket.
"""

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter

from embedded_aws.core.context import ServerError
from embedded_aws.core.socket_server import SocketServer, pass_both_ways
from embedded_aws.database import emulator
from installation.aws_facts.rds_certificates import default_certificate_of, regions
from installation.names import CERTIFICATES_VARIABLE

HOST = "127.0.0.1"
# First message of a connection: its length and one of these (PostgreSQL documentation, "Message Formats").
_HEAD = struct.Struct("!II")
_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104
_CANCEL_REQUEST = 80877102
_LONGEST_STARTUP = 10_000
_KNOWN_PORTS = TypeAdapter(dict[str, int])


class PortTakenError(Exception):
    """Another program uses a port that a database needs."""


def bind(ports: Iterable[int]) -> socket.socket:
    """Bind the first free one of the ports. Raises PortTakenError: no port is free."""
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


class Certificate:
    """Created when the first database starts: two keys take 0.25 seconds of processor time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        """The TLS context of a gateway."""
        with self._lock:
            if self._context is None:
                self._context = server_context(self._folder, "localhost", "127.0.0.1")
            return self._context


def server_context(folder: Path, host: str, *addresses: str) -> ssl.SSLContext:
    """The TLS context of a server with this name; its certificate and key are kept in the folder."""
    files = folder / f"{host}.crt", folder / f"{host}.key"
    for file, content in zip(files, emulator.server_certificate([host], list(addresses)), strict=True):
        file.touch(mode=0o600)
        file.write_text(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


def authority() -> str:
    """The certificate of the authority, in PEM, which ``/_ministack/rds/ca.pem`` returns too."""
    certificate: str = emulator.certificate_authority()[0]
    return certificate.strip()


def with_authority(environment: Mapping[str, str], region: str) -> dict[str, str]:
    """The variables of a container, with this authority in place of AWS's.

    Only the region's ``rds-ca-rsa2048-g1`` is replaced, so that a container with other certificates refuses the
    database here as it would on AWS.
    """
    given = dict(environment)
    text = given.get(CERTIFICATES_VARIABLE)
    if text and region in regions():
        given[CERTIFICATES_VARIABLE] = text.replace(default_certificate_of(region), authority())
    return given


class Ports:
    """The ports of all earlier and current names, saved on the disk.

    An address on AWS consists of name, account and region. So an instance that gets the name of another one, by a
    rename or in the next month, has the same address.
    """

    def __init__(self, file: Path, ports: range) -> None:
        """Take the file that stores the ports, and their range. Raises ServerError: the file cannot be read."""
        self._file = file
        self._ports = ports
        self._saving = threading.Lock()
        try:
            self._known = _KNOWN_PORTS.validate_json(file.read_bytes()) if file.exists() else {}
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            message = f"cannot use {file}: {reason}. Delete it: then a database of a later month may get another port."
            raise ServerError(message) from error

    def candidates(self, arn: str) -> Iterator[int]:
        """Ports to try for an instance: its name's, then unused ones, then those of other names."""
        own, others = self._known.get(arn), set(self._known.values())
        if own is not None:
            yield own
        yield from (port for port in self._ports if port not in others)
        yield from (port for port in self._ports if port in others and port != own)

    def remember(self, arn: str, port: int) -> None:
        """Save the port of a name."""
        with self._saving:  # several instances start at the same time
            if self._known.get(arn) == port:
                return
            self._known = {name: it for name, it in self._known.items() if it != port} | {arn: port}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_suffix(".partial")
            partial.write_text(json.dumps(self._known), encoding="utf-8")
            partial.replace(self._file)
