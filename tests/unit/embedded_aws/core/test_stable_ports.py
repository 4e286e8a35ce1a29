"""Ports that are had again after a restart."""

import asyncio
import socket

import pytest

from embedded_aws.core import stable_ports
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer

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
