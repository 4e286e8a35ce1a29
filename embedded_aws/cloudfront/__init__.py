"""CloudFront that answers: distributions on loopback ports, with origins, functions, cache and compression.

A request arrives at one of the `addresses`. `edge` answers it: `viewer` reads what the viewer sent, `functions` change
it, the `cache` is asked, it is sent to one of the `origins`, and `delivery` answers the viewer. `distribution` has the
configuration.
"""

from typing import Any

from embedded_aws.cloudfront import addresses, emulator, refusals
from embedded_aws.cloudfront.addresses import DistributionPorts, EdgeTls
from embedded_aws.cloudfront.distribution import Catalogue
from embedded_aws.cloudfront.edge import Edge
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.control import Control
from embedded_aws.core.patching import Function


def install(context: ServerContext, *, loop: BackgroundLoop, control: Control) -> None:
    """Serve the distributions, and list them at ``/_hannibal/distributions``."""
    catalogue = Catalogue(context)
    edge = Edge(catalogue, context)
    ports = DistributionPorts(edge, catalogue, first_port=context.edge_port)
    context.persist("hannibal_distribution_ports", ports.saved, ports.restore)

    def invalidate(original: Function, distribution_id: str, body: bytes) -> Any:
        answer = original(distribution_id, body)
        if answer[0] == 201:
            edge.cache.invalidate(distribution_id, emulator.newest_invalidation(distribution_id))
        return answer

    def describe(_method: str, _body: bytes) -> tuple[int, JsonValue]:
        loop.run(ports.sync())
        return 200, ports.describe()

    def start() -> None:
        loop.spawn(ports.run())
        loop.run(EdgeTls(ports.port_of, context.tls_listeners).start(context))

    addresses.install()
    refusals.install_defaults()
    emulator.create_invalidation.wrap(invalidate)
    control.add("distributions", describe)
    context.on_start(start)
