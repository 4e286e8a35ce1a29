"""Ports of addresses that users keep: still free when the server comes back after a restart."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer

# Below the range that Linux hands out to outgoing connections (net.ipv4.ip_local_port_range), above those that the
# databases have.
_PORTS = range(30_000, 32_768)
_ANY = 0
_TICK_SECONDS = 0.1


async def listen(server: HttpServer, wanted: Iterable[int] = ()) -> int:
    """Let the server listen on the first wanted port that is free, else on another one, and say which.

    Raises:
        OSError: this machine has no free port at all.
    """
    for port in (*wanted, *random.sample(_PORTS, len(_PORTS))):
        try:
            return await server.start(port)
        except (OSError, OverflowError):
            continue  # another program has it, or it is the one after the last
    return await server.start(_ANY)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A port that answers."""

    server: HttpServer
    port: int
    name: str  # by which the port is kept


class StablePorts(ABC):
    """A port for each of what is there; ports open and close as that comes and goes."""

    def __init__(self) -> None:
        self._open: dict[str, Opened] = {}
        self._syncing = asyncio.Lock()

    @abstractmethod
    def wanted(self) -> Mapping[str, str]:
        """The ids of what is there, each with the name by which its port is kept."""

    @abstractmethod
    def earlier(self, name: str) -> Iterable[int]:
        """The ports that it may have had before, the best first."""

    @abstractmethod
    def opened(self, name: str, port: int) -> None:
        """Remember the port."""

    @abstractmethod
    async def answer(self, identifier: str, request: HttpRequest) -> HttpResponse:
        """Answer a request that came to its port."""

    async def run(self) -> None:
        """Follow what is there until cancelled, then close all ports."""
        try:
            while True:
                await self.sync()
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            await asyncio.gather(*(opened.server.stop() for opened in self._open.values()))

    async def sync(self) -> None:
        """Open the ports of what is new and close those of what is gone."""
        async with self._syncing:
            wanted = self.wanted()
            for gone in [each for each, opened in self._open.items() if wanted.get(each) != opened.name]:
                await self._open.pop(gone).server.stop()
            for new, name in wanted.items():
                if new not in self._open:
                    server = HttpServer(partial(self.answer, new))
                    port = await listen(server, self.earlier(name))
                    self._open[new] = Opened(server=server, port=port, name=name)
                    self.opened(name, port)
