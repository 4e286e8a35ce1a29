"""The DNS names and private addresses of load balancers, served by an HTTP proxy.

Lambda functions use it, so that a hook reaches the test listener by its name on AWS, and anybody
can use it: ``curl --proxy <address> http://<DNS name>:9000/``.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from embedded_aws.core import http
from embedded_aws.core.context import ServerContext
from embedded_aws.core.request_guard import refusal_text
from embedded_aws.load_balancer import emulator, interfaces
from embedded_aws.load_balancer.listeners import ListenerPorts


class NameProxy:
    """Sends requests for the name or an address of a load balancer to its listener."""

    def __init__(self, context: ServerContext, ports: ListenerPorts) -> None:
        self._context = context
        self._ports = ports
        self._server = http.HttpServer(self._answer)

    async def start(self) -> None:
        """Listen on a free port and pass it to Lambda functions."""
        variables, address = self._context.function_variables, f"http://127.0.0.1:{await self._server.start()}"
        variables |= dict.fromkeys(("http_proxy", "HTTP_PROXY"), address)
        # The emulated AWS itself is reached directly.
        variables |= dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")

    def tls_listener(self, host: str, port: int) -> tuple[int, list[str]] | None:
        """The loopback port of an HTTPS listener at a name or address, and the ARNs of its certificates."""
        arn = self._listener_at(host, port) or ""
        with self._context.scope():
            listener, opened = emulator.listeners.get(arn), self._ports.port_of(arn)
            if listener is None or opened is None or listener.get("Protocol") != "HTTPS":
                return None
            return opened, list(listener.get("Certificates") or [])

    async def _answer(self, request: http.HttpRequest) -> http.HttpResponse:
        target = urlsplit(request.target)
        if not target.netloc:  # not a client that has been told of the proxy; a page cannot send another host's address
            return http.HttpResponse(status=403, body=refusal_text("this port is a proxy for load balancers").encode())
        arn = self._listener_at(target.hostname or "", target.port or 80)
        if arn is None:
            body = f"no load balancer of this machine listens at {target.netloc}\n".encode()
            return http.HttpResponse(status=502, headers=(("content-type", "text/plain"),), body=body)
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        return await self._ports.answer(arn, replace(request, target=path))

    def _listener_at(self, host: str, port: int) -> str | None:
        with self._context.scope():
            balancers = {
                balancer["LoadBalancerArn"]
                for balancer in emulator.load_balancers.values()
                if host in (balancer["DNSName"].lower(), *interfaces.addresses_of(balancer))
            }
            found = (
                arn
                for arn, listener in emulator.listeners.items()
                if listener["LoadBalancerArn"] in balancers and int(listener["Port"]) == port
            )
            return next(found, None)
