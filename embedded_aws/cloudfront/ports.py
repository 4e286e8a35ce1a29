"""Real ports: every distribution listens on a port of loopback, which it keeps across restarts and months."""

import asyncio
import logging
from dataclasses import dataclass

from embedded_aws.cloudfront.distribution import Catalogue
from embedded_aws.cloudfront.edge import Edge
from embedded_aws.core import http
from embedded_aws.core.context import JsonValue
from embedded_aws.core.lasting_ports import listen

_TICK_SECONDS = 0.1

logger = logging.getLogger("embedded_aws.cloudfront")


@dataclass(frozen=True)
class _Open:
    server: http.HttpServer
    port: int


class DistributionPorts:
    """Opens and closes ports as distributions come and go.

    The first distribution gets the port that was asked for, whatever its id is: next month's has another id and the
    same address.

    Args:
        edge: answers.
        catalogue: knows the distributions.
        first_port: port of the first distribution; another free one where it is taken.
    """

    def __init__(self, edge: Edge, catalogue: Catalogue, *, first_port: int) -> None:
        self._edge = edge
        self._catalogue = catalogue
        self._first_port = first_port
        self._open: dict[str, _Open] = {}
        self._ports: list[int] = []
        self._syncing = asyncio.Lock()

    def saved(self) -> JsonValue:
        """Give the ports in the order in which distributions get them, to be saved."""
        return list(self._ports)

    def restore(self, saved: JsonValue) -> None:
        """Take saved ports, which are used again where they are free."""
        if isinstance(saved, list):
            self._ports = [port for port in saved if isinstance(port, int)]

    async def run(self) -> None:
        """Follow the distributions until cancelled, then close all ports."""
        try:
            while True:
                await self.sync()
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            await asyncio.gather(*(opened.server.stop() for opened in self._open.values()))

    async def sync(self) -> None:
        """Open the ports of new distributions and close those of distributions that are gone."""
        async with self._syncing:
            wanted = self._catalogue.ids()
            for distribution_id in [known for known in self._open if known not in wanted]:
                await self._open.pop(distribution_id).server.stop()
                self._edge.cache.forget_distribution(distribution_id)
            for distribution_id in wanted:
                if distribution_id not in self._open:
                    self._open[distribution_id] = await self._listen(distribution_id)

    async def _listen(self, distribution_id: str) -> _Open:
        async def answer(request: http.Request) -> http.Response:
            return await self._edge.answer(distribution_id, request)

        used = {opened.port for opened in self._open.values()}
        server = http.HttpServer(answer)
        port = await listen(server, (known for known in (self._first_port, *self._ports) if known not in used))
        if port not in self._ports and port != self._first_port:
            self._ports.append(port)
        logger.info("distribution %s answers on http://127.0.0.1:%d", distribution_id, port)
        return _Open(server=server, port=port)

    def port_of(self, name: str) -> int | None:
        """The port of the distribution that users reach by a name."""
        for distribution_id, opened in self._open.items():
            distribution = self._catalogue.get(distribution_id)
            if distribution is not None and name in distribution.domain_names:
                return opened.port
        return None

    def describe(self) -> JsonValue:
        """List the distributions with the address that answers for each."""
        found: list[JsonValue] = []
        for distribution_id, opened in sorted(self._open.items(), key=lambda item: item[1].port):
            distribution = self._catalogue.get(distribution_id)
            if distribution is not None:
                found.append(
                    {
                        "id": distribution_id,
                        "domain_name": distribution.record["DomainName"],
                        "aliases": list(distribution.domain_names[:-1]),
                        "enabled": distribution.enabled,
                        "url": f"http://127.0.0.1:{opened.port}",
                    }
                )
        return found
