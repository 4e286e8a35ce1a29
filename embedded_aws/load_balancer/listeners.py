"""Real ports: every listener of every load balancer also listens on a free port of loopback."""

import logging
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs

from embedded_aws.core import http
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.stable_ports import StablePorts
from embedded_aws.load_balancer import emulator

logger = logging.getLogger("embedded_aws.load_balancer")


class ListenerPorts(StablePorts):
    """Opens and closes ports as listeners come and go; a listener keeps its port across months and restarts."""

    def __init__(self, context: ServerContext) -> None:
        super().__init__()
        self._context = context
        self._ports: dict[str, int] = {}

    def saved(self) -> JsonValue:
        """Give the ports by load balancer and listener port, to be saved."""
        return dict(self._ports)

    def restore(self, saved: JsonValue) -> None:
        """Take saved ports, which are used again where they are free."""
        if isinstance(saved, dict):
            self._ports = {name: port for name, port in saved.items() if isinstance(port, int)}

    def wanted(self) -> Mapping[str, str]:
        """The listeners' ARNs, with load balancer and port as their names."""
        with self._context.scope():
            return {arn: _name(listener) for arn, listener in list(emulator.listeners.items())}

    def earlier(self, name: str) -> Iterable[int]:
        """The port that the listener had."""
        return [self._ports[name]] if name in self._ports else []

    def opened(self, name: str, port: int) -> None:
        """Remember the port."""
        self._ports[name] = port
        logger.info("listener %s answers on http://127.0.0.1:%d", name, port)

    async def answer(self, identifier: str, request: http.HttpRequest) -> http.HttpResponse:
        """Answer a request to a listener."""
        with self._context.scope():
            listener = emulator.listeners.get(identifier)
            balancer = listener and emulator.load_balancers.get(listener["LoadBalancerArn"])
            if not balancer:
                return http.HttpResponse(status=503)
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
        return http.HttpResponse(status=status, headers=http.flat(headers), body=body)

    def port_of(self, arn: str) -> int | None:
        """The loopback port of a listener that is open."""
        opened = self._open.get(arn)
        return opened.port if opened else None

    def describe(self) -> JsonValue:
        """List the listeners with the address that answers for each."""
        found: list[JsonValue] = []
        with self._context.scope():
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
