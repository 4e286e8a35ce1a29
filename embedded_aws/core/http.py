"""The HTTP/1.1 that load balancers and tasks need on loopback: whole messages, keep-alive, graceful shutdown."""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import h11

Headers = tuple[tuple[str, str], ...]


_CHUNK = 65536
# The longest request head that a load balancer accepts (its user guide, "Quotas", HTTP headers); h11's limit is 16 kB.
_LONGEST_HEAD = 65536

logger = logging.getLogger("embedded_aws.core.http")


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """A request with its whole body."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    client: str = "127.0.0.1"
    # Whether the client has closed its side of the connection.
    is_abandoned: Callable[[], bool] = field(default=lambda: False, compare=False, repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def head_sizes(self) -> list[int]:
        """The bytes of the request line and of each header."""
        return [
            len(f"{self.method} {self.target} HTTP/1.1"),
            *(len(f"{name}: {value}") for name, value in self.headers),
        ]

    @property
    def is_health_check(self) -> bool:
        """Whether a target group's health check sent it, by the user agent."""
        agents = (value for name, value in self.headers if name.lower() == "user-agent")
        return any(value.startswith("ELB-HealthChecker") for value in agents)


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """A response with its whole body."""

    status: int
    headers: Headers = ()
    body: bytes = b""


def json_response(status: int, content: object) -> HttpResponse:
    """A JSON response that ends with a newline."""
    body = json.dumps(content).encode() + b"\n"
    return HttpResponse(status=status, headers=(("content-type", "application/json"),), body=body)


Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


class HttpServer:
    """Answers requests on a loopback port."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._conversations: dict[asyncio.Task[None], bool] = {}
        self._ending = False

    async def start(self, port: int = 0) -> int:
        """Listen on the port, or for 0 on a free one; return the port. Raises OSError: the port is taken."""
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", port, family=socket.AF_INET)
        return int(self._server.sockets[0].getsockname()[1])

    async def start_on(self, listener: socket.socket) -> None:
        """Listen on a socket that is already bound."""
        self._server = await asyncio.start_server(self._converse, sock=listener)

    async def stop(self) -> None:
        """Stop accepting connections, let running requests end, and close the connections."""
        self._ending = True
        if self._server is not None:
            self._server.close()
        for conversation, busy in list(self._conversations.items()):
            if not busy:
                conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs every connection in a task
        self._conversations[task] = False
        connection = h11.Connection(h11.SERVER, _LONGEST_HEAD)
        client = writer.get_extra_info("peername")[0]
        try:
            while (request := await _read_request(connection, reader, writer, client)) is not None:
                self._conversations[task] = True
                response = await self._handler(request)
                await _write_response(connection, writer, request, response)
                self._conversations[task] = False
                if self._ending or connection.our_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except h11.RemoteProtocolError as error:
            _send_error(connection, writer, error.error_status_hint)
        except (h11.LocalProtocolError, ConnectionError, asyncio.CancelledError):
            pass  # the client disconnected, or the server ends: there is nothing to answer
        except Exception:  # an error in this program: the client gets a 5xx answer
            logger.exception("answering a request")
            _send_error(connection, writer, 500)
        finally:
            del self._conversations[task]
            writer.close()


def headers_by_name(headers: Headers) -> dict[str, str]:
    """Headers by lower-case name; values of one that is repeated are joined (RFC 9110, 5.3; for cookies RFC 9113)."""
    fields: dict[str, str] = {}
    for raw, value in headers:
        name = raw.lower()
        fields[name] = f"{fields[name]}{'; ' if name == 'cookie' else ', '}{value}" if name in fields else value
    return fields


def header_pairs(headers: Mapping[str, Any]) -> Headers:
    """Headers as pairs of name and value, from a mapping in which a name may have several values."""
    return tuple(
        (name, str(each)) for name, value in headers.items() for each in (value if isinstance(value, list) else [value])
    )


async def send(
    host: str, port: int, request: HttpRequest, *, connect_seconds: float, idle_seconds: float
) -> HttpResponse:
    """Send a request over a new connection.

    Raises OSError, also as ``TimeoutError``: nothing listens there, or the connection broke.
    Raises h11.ProtocolError: the answer is not HTTP or is incomplete.
    """
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), connect_seconds)
    try:
        connection = h11.Connection(h11.CLIENT, _LONGEST_HEAD)
        kept = [*_encoded(request.headers), (b"connection", b"close")]
        if request.body or request.method not in ("GET", "HEAD"):
            kept.append((b"content-length", b"%d" % len(request.body)))
        head = h11.Request(method=request.method, target=request.target.encode(), headers=kept)
        writer.write(connection.send(head) or b"")
        if request.body:
            writer.write(connection.send(h11.Data(data=request.body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return await asyncio.wait_for(_read_response(connection, reader), idle_seconds)
    finally:
        writer.close()


_WITHOUT_BODY = frozenset({204, 304})  # RFC 9110, 8.6: such an answer says no length, or that of another one
_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})


async def _next_event(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_CHUNK))
    return event


async def _read_request(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str
) -> HttpRequest | None:
    head = await _next_event(connection, reader)
    if not isinstance(head, h11.Request):
        return None
    if connection.they_are_waiting_for_100_continue:
        writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
    body = await _read_body(connection, reader)
    return HttpRequest(
        method=head.method.decode(),
        target=head.target.decode(),
        headers=_texts(head),
        body=body,
        client=client,
        is_abandoned=lambda: reader.at_eof() or reader.exception() is not None,
    )


async def _read_response(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpResponse:
    head = await _next_event(connection, reader)
    while isinstance(head, h11.InformationalResponse):
        head = await _next_event(connection, reader)
    if not isinstance(head, h11.Response):
        raise h11.RemoteProtocolError("the target closed the connection before it answered")
    return HttpResponse(status=head.status_code, headers=_texts(head), body=await _read_body(connection, reader))


async def _read_body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while isinstance(event := await _next_event(connection, reader), h11.Data):
        body += event.data
    return bytes(body)


async def _write_response(
    connection: h11.Connection, writer: asyncio.StreamWriter, request: HttpRequest, response: HttpResponse
) -> None:
    kept = _encoded(response.headers)
    if response.status not in _WITHOUT_BODY:
        kept.append((b"content-length", _length(request, response).encode()))
    head = h11.Response(status_code=response.status, headers=kept)
    writer.write(connection.send(head) or b"")
    if response.body and request.method != "HEAD":
        writer.write(connection.send(h11.Data(data=response.body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()


def _send_error(connection: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    """Send an error answer to an invalid request, or after an error here, if no answer has begun."""
    if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
        headers = [("connection", "close"), ("content-length", "0")]
        writer.write(connection.send(h11.Response(status_code=status, headers=headers)) or b"")


def _length(request: HttpRequest, response: HttpResponse) -> str:
    """The value of Content-Length; for HEAD, the length of the body that is not sent."""
    said = next((value for name, value in response.headers if name.lower() == "content-length"), None)
    return said if said is not None and request.method == "HEAD" and not response.body else str(len(response.body))


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers without hop-by-hop ones, as the original bytes: file names may contain any byte."""
    return [(name.encode(), _bytes(value)) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:  # a value that was not read from a connection, such as an object's metadata
        return value.encode()


def _texts(head: h11.Request | h11.Response) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
