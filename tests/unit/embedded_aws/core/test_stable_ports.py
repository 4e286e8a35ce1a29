"""Ports that are had again after a restart."""

import asyncio
import socket

import pytest

from embedded_aws.core import stable_ports
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer, send

_FIRST_OF_OUTGOING_CONNECTIONS = 32_768


async def _answer(_: HttpRequest) -> HttpResponse:
    return HttpResponse(status=200)


def _listen(*wanted: int) -> int:
    async def run() -> int:
        server = HttpServer(_answer)
        try:
            return await stable_ports.listen(server, wanted)
        finally:
            await server.stop()

    return asyncio.run(run())


def test_no_outgoing_connection_gets_the_port() -> None:
    assert _listen() < _FIRST_OF_OUTGOING_CONNECTIONS


def test_the_first_wanted_port_that_is_free_is_taken() -> None:
    free = _listen()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert _listen(other.getsockname()[1], free) == free


def test_behind_the_last_port_there_is_none() -> None:
    """The first distribution's is the one after the endpoint's."""
    assert _listen(65_536) < _FIRST_OF_OUTGOING_CONNECTIONS


def test_where_all_of_them_are_taken_the_system_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(stable_ports, "_PORTS", range(taken, taken + 1))
        assert _listen() not in {0, taken}


class _Slow(stable_ports.StablePorts):
    """Ports of resources whose answers take until an event."""

    def __init__(self) -> None:
        super().__init__()
        self.names = {"one": "one"}
        self.ports: dict[str, int] = {}
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    def wanted(self) -> dict[str, str]:
        return self.names

    def earlier(self, name: str) -> list[int]:
        return [self.ports[name]] if name in self.ports else []

    def opened(self, name: str, port: int) -> None:
        self.ports[name] = port

    async def answer(self, identifier: str, request: HttpRequest) -> HttpResponse:
        self.asked.set()
        await self.may_answer.wait()
        return HttpResponse(status=200)


def test_the_last_request_of_a_deleted_resource_does_not_delay_the_ports_of_others() -> None:
    async def run() -> tuple[int, int, int]:
        ports = _Slow()
        await ports.sync()
        first = ports.ports["one"]
        request = HttpRequest(method="GET", target="/", headers=(("host", "one"),))
        asking = asyncio.create_task(send("127.0.0.1", first, request, connect_seconds=60, idle_seconds=600))
        await asyncio.wait_for(ports.asked.wait(), 60)
        ports.names = {"another": "one"}  # a new resource of the same name
        await asyncio.wait_for(ports.sync(), 60)
        ports.may_answer.set()
        status = (await asking).status
        ports.names = {}
        await ports.sync()
        await asyncio.gather(*ports._closing)
        return first, ports.ports["one"], status

    first, second, status = asyncio.run(run())
    assert (second, status) == (first, 200)
