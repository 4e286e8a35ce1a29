"""Addresses of tasks: the private ones that AWS shows, and the loopback ports where the tasks answer."""

import secrets
import threading
from collections.abc import Callable

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator


class TaskNetwork:
    """Assigns each task a private address in its subnet, and maps the address to loopback ports."""

    def __init__(self) -> None:
        self._ways: dict[str, Callable[[int], int]] = {}
        self._lock = threading.Lock()

    def attach(self, subnet_id: str | None, way: Callable[[int], int]) -> str:
        """Assign a free address of a subnet to a task; ``way`` returns the loopback port for a port of the task."""
        subnet = ec2.subnets.get(subnet_id) if subnet_id else None
        with self._lock:
            while (address := ec2.address_in(subnet, secrets.randbits(32))) in self._ways:
                pass
            self._ways[address] = way
        return address

    def detach(self, address: str) -> None:
        """Release an address."""
        with self._lock:
            self._ways.pop(address, None)

    def resolve(self, address: str, port: int) -> tuple[str, int]:
        """The loopback address of the task with a private address; other addresses are returned unchanged."""
        way = self._ways.get(address)
        return ("127.0.0.1", way(port)) if way else (address, port)


def attachment(attachment_id: str, *, subnet_id: str | None, address: str, region: str) -> emulator.Record:
    """Describe the network interface of a task as DescribeTasks does."""
    mac = ":".join(f"{byte:02x}" for byte in (0x06, *secrets.token_bytes(5)))
    details = {
        "subnetId": subnet_id,
        "networkInterfaceId": f"eni-{secrets.token_hex(8)}{secrets.randbelow(16):x}",
        "macAddress": mac,
        "privateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
        "privateIPv4Address": address,
    }
    return {
        "id": attachment_id,
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items() if value],
    }
