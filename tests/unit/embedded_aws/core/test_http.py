"""Messages over loopback: whole bodies, keep-alive, an end that loses no request."""

import asyncio
import http.client

import h11
import pytest

from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer, send
from tests.support.waiting import LIMIT_SECONDS


async def _echo(request: HttpRequest) -> HttpResponse:
    body = f"{request.method} {request.target} {len(request.body)}".encode()
    return HttpResponse(status=201, headers=(("x-seen", "yes"), ("connection", "close")), body=body)


async def _ask(port: int, request: HttpRequest) -> HttpResponse:
    return await send("127.0.0.1", port, request, connect_seconds=LIMIT_SECONDS, idle_seconds=LIMIT_SECONDS)


def test_a_request_and_its_answer() -> None:
    async def run() -> HttpResponse:
        server = HttpServer(_echo)
        port = await server.start()
        try:
            return await _ask(
                port, HttpRequest(method="POST", target="/a?b=1", headers=(("host", "x"),), body=b"x" * 200_000)
            )
        finally:
            await server.stop()

    response = asyncio.run(run())
    assert (response.status, response.body) == (201, b"POST /a?b=1 200000")
    assert ("x-seen", "yes") in response.headers


@pytest.mark.parametrize(("sent", "read"), [("caf\xe9.pdf", "caf\xe9.pdf"), ("\u8868.pdf", "\xe8\xa1\xa8.pdf")])
def test_letters_of_all_languages_pass(sent: str, read: str) -> None:
    async def name(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200, headers=(("x-name", dict(request.headers)["x-name"]),))

    async def run() -> HttpResponse:
        server = HttpServer(name)
        port = await server.start()
        try:
            return await _ask(port, HttpRequest(method="GET", target="/", headers=(("host", "x"), ("x-name", sent))))
        finally:
            await server.stop()

    assert ("x-name", read) in asyncio.run(run()).headers


def test_a_connection_takes_several_requests() -> None:
    async def run() -> list[bytes]:
        server = HttpServer(_echo)
        port = await server.start()

        def converse() -> list[bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
            bodies = []
            for path in ("/1", "/2"):
                connection.request("GET", path)
                bodies.append(connection.getresponse().read())
            connection.request("HEAD", "/3")
            bodies.append(connection.getresponse().read())
            connection.close()
            return bodies

        bodies = await asyncio.to_thread(converse)
        await server.stop()
        return bodies

    assert asyncio.run(run()) == [b"GET /1 0", b"GET /2 0", b""]


@pytest.mark.parametrize(("method", "said"), [("HEAD", "7"), ("GET", "0")])
def test_only_an_answer_to_head_says_the_length_of_a_body_that_it_has_not(method: str, said: str) -> None:
    async def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200, headers=(("content-length", "7"),))

    async def run() -> str | None:
        server = HttpServer(answer)
        port = await server.start()

        def ask() -> str | None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
            connection.request(method, "/")
            length = connection.getresponse().getheader("content-length")
            connection.close()
            return length

        length = await asyncio.to_thread(ask)
        await server.stop()
        return length

    assert asyncio.run(run()) == said


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        ("cookie: " + "a" * 40_000, b"HTTP/1.1 201 "),
        ("content-length: 1\r\ncontent-length: 2", b"HTTP/1.1 400 "),
        ("bad name: x", b"HTTP/1.1 400 "),
    ],
    ids=["long", "two lengths", "bad name"],
)
def test_long_heads_are_read_and_what_is_no_http_is_told_so(head: str, answer: bytes) -> None:
    async def run() -> bytes:
        server = HttpServer(_echo)
        reader, writer = await asyncio.open_connection("127.0.0.1", await server.start())
        for begin in range(0, len(text := f"GET / HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n".encode()), 10_000):
            writer.write(text[begin : begin + 10_000])
            await writer.drain()
            await asyncio.sleep(0.01)  # as over a network, in parts
        beginning = await reader.read(len(answer))
        writer.close()
        await server.stop()
        return beginning

    assert asyncio.run(run()) == answer


@pytest.mark.parametrize("leaves", [True, False])
def test_a_handler_sees_whether_its_client_has_gone(*, leaves: bool) -> None:
    """Seen without a read: an abandoned request counts otherwise than an answered one."""
    seen: list[bool] = []

    async def run() -> None:
        asked, gone, handled = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def handler(request: HttpRequest) -> HttpResponse:
            asked.set()
            await gone.wait()
            for _ in range(2000):  # until the end of the connection has come over the wire
                if request.is_abandoned() or not leaves:
                    break
                await asyncio.sleep(0.005)
            seen.append(request.is_abandoned())
            handled.set()
            return HttpResponse(status=200)

        server = HttpServer(handler)
        port = await server.start(0)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await asked.wait()
        if leaves:
            writer.close()
            await writer.wait_closed()
        gone.set()
        await handled.wait()
        writer.close()
        await server.stop()

    asyncio.run(run())
    assert seen == [leaves]


def test_a_mistake_of_the_server_is_an_answer_too() -> None:
    async def fail(_: HttpRequest) -> HttpResponse:
        raise LookupError

    async def run() -> int:
        server = HttpServer(fail)
        port = await server.start()
        try:
            return (await _ask(port, HttpRequest(method="GET", target="/", headers=(("host", "x"),)))).status
        finally:
            await server.stop()

    assert asyncio.run(run()) == 500


def test_a_server_that_ends_answers_what_it_has_begun() -> None:
    async def run() -> int:
        began, may_end = asyncio.Event(), asyncio.Event()

        async def slow(_: HttpRequest) -> HttpResponse:
            began.set()
            await may_end.wait()
            return HttpResponse(status=200)

        server = HttpServer(slow)
        port = await server.start()
        answer = asyncio.create_task(_ask(port, HttpRequest(method="GET", target="/", headers=(("host", "x"),))))
        await began.wait()
        ending = asyncio.create_task(server.stop())
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectionRefusedError):
            await _ask(port, HttpRequest(method="GET", target="/", headers=(("host", "x"),)))
        may_end.set()
        await ending
        return (await answer).status

    assert asyncio.run(run()) == 200


def test_an_answer_that_breaks_off_is_an_error() -> None:
    async def run() -> None:
        async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            writer.close()

        server = await asyncio.start_server(half, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await _ask(port, HttpRequest(method="GET", target="/", headers=(("host", "x"),)))
        finally:
            server.close()
            await server.wait_closed()

    with pytest.raises(h11.RemoteProtocolError):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "status", "sent", "answered"),
    [("GET", 200, None, "0"), ("HEAD", 304, None, None), ("POST", 204, "0", None), ("DELETE", 201, "0", "0")],
)
def test_where_there_is_no_body_a_length_is_said_as_http_has_it(
    method: str, status: int, sent: str | None, answered: str | None
) -> None:
    seen: list[str | None] = []

    async def answer(request: HttpRequest) -> HttpResponse:
        seen.append(dict(request.headers).get("content-length"))
        return HttpResponse(status=status)

    async def run() -> HttpResponse:
        server = HttpServer(answer)
        port = await server.start()
        try:
            return await _ask(port, HttpRequest(method=method, target="/", headers=(("host", "x"),)))
        finally:
            await server.stop()

    assert dict(asyncio.run(run()).headers).get("content-length") == answered
    assert seen == [sent]
