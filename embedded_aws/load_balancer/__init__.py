"""Working load balancers: listeners on loopback ports, weights, health checks, metrics, AWS's refusals."""

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.control import Control
from embedded_aws.load_balancer import addresses, cloudformation, describing, refusals
from embedded_aws.load_balancer.access_logs import AccessLogs
from embedded_aws.load_balancer.addresses import ListenerPorts, NameProxy
from embedded_aws.load_balancer.forwarding import Forwarder
from embedded_aws.load_balancer.metrics import AccessMetrics
from embedded_aws.load_balancer.targets import HealthChecker, Resolver, TargetBoard


def install(context: ServerContext, *, loop: BackgroundLoop, control: Control, resolve: Resolver) -> TargetBoard:
    """Change the emulator's load balancers, start the background work, and give the board of all targets."""
    board = TargetBoard(clock_factor=context.clock_factor)
    metrics = AccessMetrics(context, board)
    ports = ListenerPorts(context)
    proxy = NameProxy(context, ports)
    context.tls_listeners.append(proxy.tls_listener)
    checker = HealthChecker(context, board, resolve)
    logs = AccessLogs(context)
    Forwarder(board=board, resolve=resolve, observers=(metrics.count, logs.add)).install()
    describing.install(board)
    refusals.install()
    addresses.install()
    cloudformation.install()
    context.persist("hannibal_listener_ports", ports.saved, ports.restore)

    def describe(_method: str, _body: bytes) -> tuple[int, JsonValue]:
        loop.run(ports.sync())
        return 200, ports.describe()

    def start() -> None:
        loop.run(proxy.start())
        for coroutine in (ports.run(), checker.run(), logs.run()):
            loop.spawn(coroutine)

    control.add("listeners", describe)
    context.on_start(start)
    return board
