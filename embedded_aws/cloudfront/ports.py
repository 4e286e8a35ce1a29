"""Real ports: every distribution listens on a port of loopback, which it keeps across restarts and months."""

import logging
from collections.abc import Iterable, Mapping

from embedded_aws.cloudfront.distribution import Catalogue
from embedded_aws.cloudfront.edge import Edge
from embedded_aws.core import http
from embedded_aws.core.context import JsonValue
from embedded_aws.core.stable_ports import StablePorts

logger = logging.getLogger("embedded_aws.cloudfront")


class DistributionPorts(StablePorts):
    """Opens and closes ports as distributions come and go.

    The first distribution gets the requested port, if it is free, whatever its id is: next month's has another
    id and the same address.
    """

    def __init__(self, edge: Edge, catalogue: Catalogue, *, first_port: int) -> None:
        super().__init__()
        self._edge = edge
        self._catalogue = catalogue
        self._first_port = first_port
        self._ports: list[int] = []

    def saved(self) -> JsonValue:
        """Give the ports in the order in which distributions get them, to be saved."""
        return list(self._ports)

    def restore(self, saved: JsonValue) -> None:
        """Take saved ports, which are used again where they are free."""
        if isinstance(saved, list):
            self._ports = [port for port in saved if isinstance(port, int)]

    def wanted(self) -> Mapping[str, str]:
        """The distributions' ids, which are also the names of their ports."""
        return {each: each for each in self._catalogue.ids()}

    def earlier(self, name: str) -> Iterable[int]:
        """The ports of former distributions, whatever their ids were."""
        used = {opened.port for each, opened in self._open.items() if each != name}
        return (known for known in (self._first_port, *self._ports) if known not in used)

    def opened(self, name: str, port: int) -> None:
        """Remember the port."""
        if port not in self._ports and port != self._first_port:
            self._ports.append(port)
        logger.info("distribution %s answers on http://127.0.0.1:%d", name, port)

    async def sync(self) -> None:
        """Open and close ports, and drop cached answers of deleted distributions."""
        known = set(self._open)
        await super().sync()
        for gone in known - self._open.keys():
            self._edge.cache.invalidate(gone, ["/*"])

    async def answer(self, identifier: str, request: http.HttpRequest) -> http.HttpResponse:
        """Answer a request that came to a distribution."""
        return await self._edge.answer(identifier, request)

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
