"""The ports for the databases of each embedded AWS of a machine."""

import hashlib

# Below the range that Linux uses for outgoing connections (net.ipv4.ip_local_port_range), so that a database
# can use its port again after a restart.
_LOWEST_PORT = 10_000
_PORTS = 20_000
_PORTS_A_SERVER = 32


def ports_of(server_port: int) -> range:
    """The ports for the databases of an embedded AWS, derived from its own port so that two do not conflict."""
    slots = _PORTS // _PORTS_A_SERVER
    digest = hashlib.blake2b(str(server_port).encode(), digest_size=4).digest()
    first = _LOWEST_PORT + int.from_bytes(digest) % slots * _PORTS_A_SERVER
    return range(first, first + _PORTS_A_SERVER)
