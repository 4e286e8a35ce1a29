"""Where distributions answer: loopback ports, their names at the endpoint, and HTTPS by a proxy with certificates."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.distribution import Catalogue
from embedded_aws.cloudfront.edge import Edge
from embedded_aws.cloudfront.origins import covers
from embedded_aws.core import emulator as core
from embedded_aws.core import http
from embedded_aws.core.context import JsonValue, ServerContext, TlsListener
from embedded_aws.core.patching import Function
from embedded_aws.core.socket_server import pass_both_ways
from embedded_aws.core.stable_ports import StablePorts
from embedded_aws.database.gateway import authority, server_context

logger = logging.getLogger("embedded_aws.cloudfront")
_UNKNOWN = b"The embedded AWS has no distribution of this name.\n"
_FORBIDDEN = 403  # CloudFront's answer for an unknown name
_LONGEST_HEAD: Final = 8_192


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
        return [
            {
                "id": distribution_id,
                "domain_name": distribution.record["DomainName"],
                "aliases": list(distribution.domain_names[:-1]),
                "enabled": distribution.enabled,
                "url": f"http://127.0.0.1:{opened.port}",
            }
            for distribution_id, opened in sorted(self._open.items(), key=lambda item: item[1].port)
            if (distribution := self._catalogue.get(distribution_id)) is not None
        ]


def install() -> None:
    """Send requests to the names of distributions to these only.

    The emulator serves viewers at its own port by ``<label>.cloudfront.localhost``. A page from there has the same
    origin as every path there, so a browser sends its requests without ``Origin``. The emulator serves its own paths
    first, and takes an unknown name for one of AWS's APIs; both would let that page call the APIs.
    """
    core.handle_before_body.wrap(_skip_distribution_hosts)
    core.handle_shortcuts.wrap(_skip_distribution_hosts)
    core.handle_data_plane.wrap(_ask_distribution)


def _is_distribution_host(headers: Any) -> bool:
    return core.distribution_of_host(headers.get("host", "")) is not None


async def _skip_distribution_hosts(original: Function, method: str, path: str, headers: Any, *rest: Any) -> Any:
    return None if _is_distribution_host(headers) else await original(method, path, headers, *rest)


async def _ask_distribution(
    original: Function, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str, **named: Any
) -> Any:
    if not _is_distribution_host(headers):
        return await original(method, path, headers, body, query, request_id, **named)
    raw = path if named.get("raw_path") is None else named["raw_path"]
    raw_query, client = named.get("raw_query_string", ""), named.get("client_ip", "127.0.0.1")
    answer = await core.ask_distribution(headers["host"], path, raw, raw_query, method, headers, body, query, client)
    return answer or (_FORBIDDEN, {"Content-Type": "text/plain"}, _UNKNOWN)


class EdgeTls:
    """Answers ``CONNECT`` to distributions and to HTTPS listeners of load balancers, and to nothing else.

    Lambda functions get the proxy and the signing authority in variables that Python and most clients read, so that a
    function that acts like a user uses the address that users have on AWS.

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
            endpoint = self._find(host, int(number)) if host and number.isdigit() else None
            if endpoint is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                return
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            port, names = endpoint
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
