"""Where load balancers answer: loopback ports of listeners, interfaces in subnets, and names by an HTTP proxy.

AWS documents the interfaces, one in each subnet, as the way to find a load balancer's addresses (re:Post, "What are the
source IP addresses of the traffic that Elastic Load Balancing sends?"); the emulator has none, and ignores filters.
Lambda functions use the proxy, so that a hook reaches the test listener by its name on AWS, and anybody can use it:
``curl --proxy <address> http://<DNS name>:9000/``.
"""

import fnmatch
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from embedded_aws.core import http
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.protocols import read_request
from embedded_aws.core.request_guard import refusal_text
from embedded_aws.core.stable_ports import StablePorts
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.forwarding import abandoned

logger = logging.getLogger("embedded_aws.load_balancer")
_LONGEST_LINE, _LONGEST_HEAD = 16 * 1024, 64 * 1024
# A header's value in ASCII without control characters.
_COMPLIANT = re.compile(r"[\t -~]*")
_FILTERS = {"description": "Description", "subnet-id": "SubnetId", "vpc-id": "VpcId"}


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
            if refused := refused_status(balancer, request):
                return http.HttpResponse(status=refused, headers=(("Server", "awselb/2.0"),))
            abandoned.set(request.is_abandoned)
            _, _, query = request.target.partition("?")
            status, headers, body = await emulator.dispatch_request(
                balancer,
                request.method,
                request.path,
                # HTTP/1.0 needs no host (Elastic Load Balancing user guide, "HTTP connections").
                {"host": balancer["DNSName"]} | http.headers_by_name(request.headers),
                request.body,
                parse_qs(query, keep_blank_values=True),
                listener["Port"],
                client_ip=request.client,
                raw_query_string=query,
                raw_path=request.path,
            )
        return http.HttpResponse(status=status, headers=http.header_pairs(headers), body=body)

    def port_of(self, arn: str) -> int | None:
        """The loopback port of a listener that is open."""
        opened = self._open.get(arn)
        return opened.port if opened else None

    def describe(self) -> JsonValue:
        """List the listeners with the address that answers for each."""
        addresses: list[JsonValue] = []
        with self._context.scope():
            for arn, opened in sorted(self._open.items(), key=lambda item: item[1].name):
                listener = emulator.listeners.get(arn)
                if listener is not None:
                    balancer = emulator.load_balancers[listener["LoadBalancerArn"]]
                    addresses.append(
                        {
                            "load_balancer": balancer["LoadBalancerName"],
                            "dns_name": balancer["DNSName"],
                            "listener_arn": arn,
                            "port": listener["Port"],
                            "url": f"http://127.0.0.1:{opened.port}",
                        }
                    )
        return addresses


def refused_status(balancer: emulator.Record, request: http.HttpRequest) -> int | None:
    """The status that refuses a request before any rule (user guide, "Quotas", HTTP headers; "Troubleshoot", 405).

    In the strictest mode this includes what does not comply with HTTP ("Access logs", classification reasons).
    """
    sizes = request.head_sizes
    mode = emulator.attribute(balancer["LoadBalancerArn"], "routing.http.desync_mitigation_mode", "defensive")
    if max(sizes) > _LONGEST_LINE or sum(sizes) > _LONGEST_HEAD or (mode == "strictest" and _is_lax(request)):
        return 400
    return 405 if request.method == "TRACE" else None


def _is_lax(request: http.HttpRequest) -> bool:
    """Whether a request gives a body's length twice or needlessly, or has other characters than ASCII's in a header."""
    lengths = {name.lower() for name, _ in request.headers} & {"content-length", "transfer-encoding"}
    most = 0 if request.method in ("GET", "HEAD") else 1
    return len(lengths) > most or not all(_COMPLIANT.fullmatch(value) for _, value in request.headers)


def _name(listener: emulator.Record) -> str:
    balancer = listener["LoadBalancerArn"].split("/")[-2]
    return f"{balancer}:{listener['Port']}"


def install() -> None:
    """Describe the interfaces of load balancers beside the emulator's own."""
    wrap_item(ec2.actions, "DescribeNetworkInterfaces", _describe)


def _describe(original: Function, parameters: Any) -> Any:
    request = read_request("ec2", "DescribeNetworkInterfaces", parameters)
    wanted = {one["Name"]: one.get("Values", []) for one in request.get("Filters", [])}
    if request.get("NetworkInterfaceIds") or not wanted:
        return original(parameters)
    everything = list(ec2.network_interfaces.values())
    everything += [each for balancer in emulator.load_balancers.values() for each in _interfaces_of(balancer)]
    chosen = [each for each in everything if _matches(each, wanted)]
    items = "".join(ec2.network_interface_xml(each) for each in chosen)
    inner = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
    return ec2.xml_response(200, "DescribeNetworkInterfacesResponse", inner)


def _matches(interface: emulator.Record, wanted: dict[str, list[str]]) -> bool:
    return all(
        name in _FILTERS and any(fnmatch.fnmatchcase(str(interface[_FILTERS[name]]), pattern) for pattern in patterns)
        for name, patterns in wanted.items()
    )


def _interfaces_of(balancer: emulator.Record) -> list[emulator.Record]:
    return [_interface(balancer, subnet_id) for subnet_id in balancer.get("Subnets", [])]


def _interface(balancer: emulator.Record, subnet_id: str) -> emulator.Record:
    subnet = ec2.subnets.get(subnet_id) or {}
    digest = hashlib.sha256(f"{balancer['LoadBalancerArn']} {subnet_id}".encode()).digest()
    return {
        "NetworkInterfaceId": f"eni-{digest.hex()[:17]}",
        "SubnetId": subnet_id,
        "VpcId": balancer.get("VpcId", ""),
        "AvailabilityZone": subnet.get("AvailabilityZone", ""),
        "Description": "ELB " + balancer["LoadBalancerArn"].partition(":loadbalancer/")[2],
        "OwnerId": "amazon-elb",
        "Status": "in-use",
        "PrivateIpAddress": ec2.address_in(subnet, int.from_bytes(digest[:4], "big")),
        "InterfaceType": "interface",
        "SourceDestCheck": True,
        "MacAddress": ":".join(f"{byte:02x}" for byte in (0x06, *digest[4:9])),
        "Groups": [{"GroupId": group, "GroupName": ""} for group in balancer.get("SecurityGroups", [])],
        "Attachment": None,
    }


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
                if host in (balancer["DNSName"].lower(), *(it["PrivateIpAddress"] for it in _interfaces_of(balancer)))
            }
            found = (
                arn
                for arn, listener in emulator.listeners.items()
                if listener["LoadBalancerArn"] in balancers and int(listener["Port"]) == port
            )
            return next(found, None)
