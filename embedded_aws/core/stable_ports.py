"""Ports of URLs that users keep: they stay the same after a restart of the server."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer

# Below the range that Linux uses for outgoing connections (net.ipv4.ip_local_port_range), above the ports of the
# databases.
_PORTS = range(30_000, 32_768)
_ANY = 0
_TICK_SECONDS = 0.1


async def listen(server: HttpServer, preferred: Iterable[int] = ()) -> int:
    """Listen on the first free one of the preferred ports, or on any, and return it. Raises OSError: none is free."""
    for port in (*preferred, *random.sample(_PORTS, len(_PORTS))):
        try:
            return await server.start(port)
        except (OSError, OverflowError):
            continue  # another program uses it, or it is above the highest port number
    return await server.start(_ANY)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A port on which a server listens."""

    server: HttpServer
    port: int
    name: str  # the name under which the port is remembered


class StablePorts(ABC):
    """A port for each existing resource; ports are opened and closed as resources are created and deleted."""

    def __init__(self) -> None:
        self._open: dict[str, Opened] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._syncing = asyncio.Lock()

    @abstractmethod
    def wanted(self) -> Mapping[str, str]:
        """The ids of the existing resources, each with the name under which its port is remembered."""

    @abstractmethod
    def earlier(self, name: str) -> Iterable[int]:
        """The ports that the resource may have had before, the preferred one first."""

    @abstractmethod
    def opened(self, name: str, port: int) -> None:
        """Remember the port."""

    @abstractmethod
    async def answer(self, identifier: str, request: HttpRequest) -> HttpResponse:
        """Answer a request to the resource's port."""

    async def run(self) -> None:
        """Keep the ports in step with the resources until cancelled, then close all ports."""
        try:
            while True:
                await self.sync()
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            await asyncio.gather(*(opened.server.stop() for opened in self._open.values()), *self._closing)

    async def sync(self) -> None:
        """Open the ports of new resources and close the ports of deleted ones."""
        async with self._syncing:
            wanted = self.wanted()
            for gone in [each for each, opened in self._open.items() if wanted.get(each) != opened.name]:
                # Its last requests may take long, and other resources need their ports meanwhile.
                closing = asyncio.create_task(self._open.pop(gone).server.stop())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            await asyncio.sleep(0)  # each has begun, and its port is free
            for new, name in wanted.items():
                if new not in self._open:
                    server = HttpServer(partial(self.answer, new))
                    port = await listen(server, self.earlier(name))
                    self._open[new] = Opened(server=server, port=port, name=name)
                    self.opened(name, port)
