"""Real ports: every listener of every load balancer also listens on a free port of loopback."""

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import parse_qs

from embedded_aws.core import http
from embedded_aws.core.context import JsonValue
from embedded_aws.core.emulator import scope
from embedded_aws.core.lasting_ports import listen
from embedded_aws.load_balancer import emulator

_TICK_SECONDS = 0.1

logger = logging.getLogger("embedded_aws.load_balancer")


@dataclass(frozen=True)
class _Open:
    server: http.HttpServer
    port: int
    name: str


class ListenerPorts:
    """Opens and closes ports as listeners come and go; a listener keeps its port across months and restarts."""

    def __init__(self, *, account: str, region: str) -> None:
        self._scope = (account, region)
        self._open: dict[str, _Open] = {}
        self._ports: dict[str, int] = {}
        self._syncing = asyncio.Lock()

    def saved(self) -> JsonValue:
        """Give the ports by load balancer and listener port, to be saved."""
        return dict(self._ports)

    def restore(self, saved: JsonValue) -> None:
        """Take saved ports, which are used again where they are free."""
        if isinstance(saved, dict):
            self._ports = {name: port for name, port in saved.items() if isinstance(port, int)}

    async def run(self) -> None:
        """Follow the listeners until cancelled, then close all ports."""
        try:
            while True:
                await self.sync()
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            await asyncio.gather(*(opened.server.stop() for opened in self._open.values()))

    async def sync(self) -> None:
        """Open the ports of new listeners and close those of listeners that are gone."""
        async with self._syncing:
            with scope(*self._scope):
                wanted = {arn: _name(listener) for arn, listener in list(emulator.listeners.items())}
            for arn in [arn for arn, opened in self._open.items() if wanted.get(arn) != opened.name]:
                await self._open.pop(arn).server.stop()
            for arn, name in wanted.items():
                if arn not in self._open:
                    self._open[arn] = await self._listen(arn, name)

    async def _listen(self, arn: str, name: str) -> _Open:
        async def answer(request: http.Request) -> http.Response:
            return await self.answer(arn, request)

        server = http.HttpServer(answer)
        port = await listen(server, [self._ports[name]] if name in self._ports else [])
        self._ports[name] = port
        logger.info("listener %s answers on http://127.0.0.1:%d", name, port)
        return _Open(server=server, port=port, name=name)

    async def answer(self, arn: str, request: http.Request) -> http.Response:
        """Answer a request that came to a listener."""
        with scope(*self._scope):
            listener = emulator.listeners.get(arn)
            balancer = listener and emulator.load_balancers.get(listener["LoadBalancerArn"])
            if not balancer:
                return http.Response(status=503)
            _, _, query = request.target.partition("?")
            status, headers, body = await emulator.dispatch_request(
                balancer,
                request.method,
                request.path,
                {name.lower(): value for name, value in request.headers},
                request.body,
                parse_qs(query, keep_blank_values=True),
                listener["Port"],
                client_ip=request.client,
                raw_query_string=query,
                raw_path=request.path,
            )
        flat = [
            (name, text) for name, value in headers.items() for text in (value if isinstance(value, list) else [value])
        ]
        return http.Response(status=status, headers=tuple(flat), body=body)

    def describe(self) -> JsonValue:
        """List the listeners with the address that answers for each."""
        found: list[JsonValue] = []
        with scope(*self._scope):
            for arn, opened in sorted(self._open.items(), key=lambda item: item[1].name):
                listener = emulator.listeners.get(arn)
                if listener is not None:
                    balancer = emulator.load_balancers[listener["LoadBalancerArn"]]
                    found.append(
                        {
                            "load_balancer": balancer["LoadBalancerName"],
                            "dns_name": balancer["DNSName"],
                            "listener_arn": arn,
                            "port": listener["Port"],
                            "url": f"http://127.0.0.1:{opened.port}",
                        }
                    )
        return found


def _name(listener: emulator.Record) -> str:
    balancer = listener["LoadBalancerArn"].split("/")[-2]
    return f"{balancer}:{listener['Port']}"
