"""Ports of addresses that users keep: still free when the server comes back after a restart."""

import random
from collections.abc import Iterable

from embedded_aws.core.http import HttpServer

# Below the range that Linux hands out to outgoing connections (net.ipv4.ip_local_port_range), above those that the
# databases have.
_PORTS = range(30_000, 32_768)
_ANY = 0


async def listen(server: HttpServer, wanted: Iterable[int] = ()) -> int:
    """Let the server listen on the first wanted port that is free, else on another one, and say which.

    Raises:
        OSError: this machine has no free port at all.
    """
    for port in (*wanted, *random.sample(_PORTS, len(_PORTS))):
        try:
            return await server.start(port)
        except OSError:
            continue  # another program has it
    return await server.start(_ANY)
